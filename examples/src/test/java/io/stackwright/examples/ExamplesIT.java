package io.stackwright.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.operator.RunningOperator;
import io.stackwright.testkit.GitServer;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Does what the README of each example says, and checks what it promises. */
class ExamplesIT {

    private static final Path EXAMPLES = Toolchain.root().resolve("examples");

    @TempDir
    private static Path data;

    private static RunningOperator operator;
    private static Kubectl kubectl;

    private final Map<String, Executable> topics = Map.ofEntries(
            Map.entry("adhoc", this::adhoc),
            Map.entry("deletion", this::deletion),
            Map.entry("failure", this::failure),
            Map.entry("git", this::git),
            Map.entry("gitops", () -> new GitOpsExample(kubectl).check()),
            Map.entry("hello", this::hello),
            Map.entry("jobs", () -> new JobsExample(kubectl, data.resolve("jobs")).check()),
            Map.entry("nodejs", this::nodejs),
            Map.entry("passphrase", this::passphrase),
            Map.entry("python", this::python),
            Map.entry("secrets", this::secrets),
            Map.entry("shared-values", this::sharedValues));

    @BeforeAll
    static void startOperator() {
        operator = RunningOperator.start(data);
        kubectl = new Kubectl(Toolchain.root(), operator.namespace());
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @TestFactory
    Stream<DynamicTest> everyFolder() throws IOException {
        List<String> folders;
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            folders = files.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .filter(name -> !List.of("src", "target").contains(name))
                    .sorted()
                    .toList();
        }
        assertThat(topics.keySet()).as("each folder has a test").containsExactlyInAnyOrderElementsOf(folders);
        return folders.stream().map(name -> DynamicTest.dynamicTest(name, topics.get(name)));
    }

    private void hello() {
        // when
        kubectl.run("apply", "-f", "examples/hello");
        kubectl.await("Ready", "stack/hello");

        // then
        assertThat(outputs("hello")).isEqualTo("{\"message\":\"hello, world\",\"names\":[\"world\",\"moon\"]}");
        assertThat(kubectl.get("stack/hello", ".status.secretOutputs")).isEqualTo("[\"whisper\"]");
        assertThat(secret("hello-outputs"))
                .containsEntry("whisper", "hello, moon")
                .hasSize(3);

        // when
        kubectl.run(
                "patch",
                "stack",
                "hello",
                "--type",
                "merge",
                "-p",
                "{\"spec\": {\"config\": {\"greeting\": \"good morning\"}}}");
        kubectl.await("Ready", "stack/hello");

        // then
        assertThat(outputs("hello")).contains("good morning, world");
        assertThat(causes("hello")).containsExactly("FirstRun", "SpecChanged");

        // when
        kubectl.run("delete", "stack", "hello");

        // then
        assertThat(state("hello", "hello")).doesNotExist();
        assertThat(secret("hello-outputs")).isEmpty();
    }

    private void git() throws IOException {
        try (GitServer server = GitServer.start()) {
            // given
            server.requireBasicAuth("me", "token");
            GitServer.Repository repository = server.create("infra.git");
            String program = Files.readString(EXAMPLES.resolve("git/program/shop/Pulumi.yaml"));
            String first = repository.commit(Map.of("shop/Pulumi.yaml", program));
            repository.tag("v1.0.0");
            String second =
                    repository.commit(Map.of("shop/Pulumi.yaml", program.replace("version: v1", "version: v2")));
            kubectl.run(
                    "create",
                    "secret",
                    "generic",
                    "git-credentials",
                    "--from-literal=username=me",
                    "--from-literal=password=token",
                    "--from-literal=ca.crt=" + server.certificate());

            // when
            apply(
                    "git/stacks.yaml",
                    yaml -> yaml.replace("https://github.com/acme/infra.git", server.url("infra.git"))
                            .replace("interval: 30s", "interval: 10s"));
            kubectl.await("Ready", "stack/shop", "stack/shop-stable");

            // then
            assertThat(outputs("shop")).contains("\"version\":\"v2\"");
            assertThat(outputs("shop-stable")).contains("\"version\":\"v1\"");
            assertThat(applied("shop")).contains("main", second);
            assertThat(applied("shop-stable")).contains("v1.0.0", first);

            // when
            String third = repository.commit(Map.of("shop/Pulumi.yaml", program.replace("version: v1", "version: v3")));

            // then
            patiently().untilAsserted(() -> assertThat(applied("shop")).contains(third));
            patiently().untilAsserted(() -> assertThat(outputs("shop")).contains("\"version\":\"v3\""));
            assertThat(causes("shop")).containsExactly("FirstRun", "SourceChanged");

            // when
            String elsewhere = repository.commit(Map.of("docs/index.md", "nothing of the shop's"));

            // then
            patiently().untilAsserted(() -> assertThat(applied("shop")).contains(elsewhere));
            assertThat(causes("shop")).hasSize(2);
            assertThat(causes("shop-stable")).hasSize(1);
            kubectl.run("delete", "stack", "shop", "shop-stable");
        }
    }

    private void secrets() {
        // when
        kubectl.run("apply", "-f", "examples/secrets");
        kubectl.await("Ready", "stack/orders");

        // then
        assertThat(outputs("orders"))
                .isEqualTo("{\"summary\":\"gold at db.example.com, licence none\",\"tier\":\"gold\"}");
        assertThat(kubectl.get("stack/orders", ".status.secretOutputs")).isEqualTo("[\"databaseUrl\"]");
        assertThat(secret("orders-env"))
                .containsOnly(
                        Map.entry("DATABASE_URL", "postgres://orders:correct horse@db.example.com:5432/orders"),
                        Map.entry("TIER", "gold"));

        // when
        kubectl.run("patch", "secret", "orders-db", "-p", "{\"stringData\": {\"password\": \"rotated\"}}");

        // then
        patiently()
                .untilAsserted(() ->
                        assertThat(secret("orders-env").get("DATABASE_URL")).contains(":rotated@"));
        assertThat(causes("orders")).containsExactly("FirstRun", "InputsChanged");
    }

    private void sharedValues() {
        // when
        kubectl.run("apply", "-f", "examples/shared-values");
        kubectl.await("Ready", "stack/frontend", "stack/backend");

        // then
        assertThat(outputs("frontend")).isEqualTo("{\"url\":\"https://www.example.com\"}");

        // when
        kubectl.run("patch", "configmap", "platform", "-p", "{\"data\": {\"domain\": \"example.org\"}}");

        // then
        patiently().untilAsserted(() -> {
            assertThat(outputs("frontend")).isEqualTo("{\"url\":\"https://www.example.org\"}");
            assertThat(outputs("backend")).isEqualTo("{\"url\":\"https://api.example.org\"}");
        });
        assertThat(causes("frontend")).containsExactly("FirstRun", "InputsChanged");
        assertThat(causes("backend")).containsExactly("FirstRun", "InputsChanged");
    }

    private void passphrase() {
        // when
        kubectl.run("apply", "-f", "examples/passphrase");
        kubectl.await("Ready", "stack/vault");

        // then
        assertThat(secret("vault-passphrase")).isEmpty();
        assertThat(secret("vault-encryptionsalt")).containsOnlyKeys("encryptionsalt");
    }

    private void python() {
        // when
        kubectl.run("apply", "-k", "examples/python");
        kubectl.await("Ready", "stack/python-names");

        // then
        assertThat(kubectl.get("stack/python-names", ".status.resources")).isEqualTo("3");
        assertThat(kubectl.get("stack/python-names", ".status.outputs.count")).isEqualTo("2");
        List<String> names = names();
        assertThat(names).hasSize(2).allSatisfy(name -> assertThat(name).startsWith("shop-"));

        // when
        kubectl.run(
                "patch", "stack", "python-names", "--type", "merge", "-p", "{\"spec\": {\"config\": {\"count\": 3}}}");
        kubectl.await("Ready", "stack/python-names");

        // then
        assertThat(names()).hasSize(3).startsWith(names.toArray(String[]::new));
        assertThat(kubectl.get("update/python-names-2", ".status.run.changes.create"))
                .isEqualTo("1");
        kubectl.run("delete", "stack", "python-names");
        assertThat(state("names", "python-names")).doesNotExist();
    }

    private static List<String> names() {
        return List.of(kubectl.run("get", "stack/python-names", "-o", "jsonpath={.status.outputs.names[*]}")
                .split(" "));
    }

    private void nodejs() {
        // when
        kubectl.run("apply", "-k", "examples/nodejs");
        kubectl.await("Ready", "stack/nodejs-greeter");

        // then
        assertThat(outputs("nodejs-greeter"))
                .isEqualTo("{\"greeting\":\"こんにちは, hallo\",\"languages\":[\"ja\",\"de\"]}");
        assertThat(secret("nodejs-greeter-outputs")).containsEntry("key", "only for those who may read the Secret");
    }

    private void adhoc() {
        // given
        kubectl.run("apply", "-f", "examples/adhoc/stack.yaml");
        kubectl.await("Ready", "stack/garden");
        String applied = kubectl.get("stack/garden", ".status.applied");

        for (String update : List.of("preview", "refresh", "targeted-up")) {
            // when
            kubectl.run("apply", "-f", "examples/adhoc/" + update + ".yaml");
            kubectl.await("Complete", "update/garden-" + update);

            // then
            assertThat(kubectl.get("update/garden-" + update, ".status.phase"))
                    .as(update)
                    .isEqualTo("Succeeded");
            kubectl.await("Ready", "stack/garden");
        }
        assertThat(kubectl.get("update/garden-preview", ".status.run.changes.same"))
                .isEqualTo("2");
        assertThat(kubectl.get("stack/garden", ".status.applied")).isEqualTo(applied);
    }

    private void failure() {
        // when
        kubectl.run("apply", "-f", "examples/failure/broken.yaml");

        // then
        patiently().untilAsserted(() -> assertThat(ready("bridge")).startsWith("False UpdateFailed "));
        assertThat(ready("bridge")).contains("piller");
        assertThat(kubectl.get("stack/bridge", ".status.conditions[?(@.type==\"Reconciling\")].message"))
                .contains("due at");
        assertThat(kubectl.get("update/bridge-1", ".status.run.diagnostics")).contains("piller");

        // when
        kubectl.run("apply", "-f", "examples/failure/repaired.yaml");
        kubectl.await("Ready", "stack/bridge");

        // then
        assertThat(outputs("bridge")).isEqualTo("{\"pillar\":\"stone\"}");
    }

    private void deletion() {
        // given
        kubectl.run("apply", "-f", "examples/deletion");
        kubectl.await("Ready", "stack/tent", "stack/house");
        Map<String, String> passphrase = secret("house-passphrase");

        // when
        kubectl.run("delete", "-f", "examples/deletion");

        // then
        assertThat(state("tent", "tent")).doesNotExist();
        assertThat(secret("tent-passphrase")).isEmpty();
        assertThat(state("house", "house")).content().contains("brick");
        assertThat(secret("house-passphrase")).isNotEmpty().isEqualTo(passphrase);
        assertThat(secret("tent-outputs")).isEmpty();
        assertThat(secret("house-outputs")).isEmpty();

        // when
        kubectl.run("apply", "-f", "examples/deletion");
        kubectl.await("Ready", "stack/house");

        // then
        assertThat(outputs("house")).isEqualTo("{\"wall\":\"brick\"}");
        assertThat(kubectl.get(
                        "update/" + kubectl.get("stack/house", ".status.lastUpdate"), ".status.run.changes.same"))
                .isEqualTo("1");
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(120)).pollInterval(Duration.ofMillis(300));
    }

    private static void apply(String manifest, UnaryOperator<String> edit) throws IOException {
        Path edited = Files.createTempFile(data, "manifest", ".yaml");
        Files.writeString(edited, edit.apply(Files.readString(EXAMPLES.resolve(manifest))));
        kubectl.run("apply", "-f", edited.toString());
    }

    private static String outputs(String stack) {
        return kubectl.get("stack/" + stack, ".status.outputs");
    }

    private static String applied(String stack) {
        return kubectl.get("stack/" + stack, ".status.applied.revision");
    }

    private static String ready(String stack) {
        String ready = ".status.conditions[?(@.type==\"Ready\")]";
        return kubectl.get("stack/" + stack, ready + ".status} {" + ready + ".reason} {" + ready + ".message");
    }

    /** Why each Update of the Stack was made, oldest first. */
    private static List<String> causes(String stack) {
        String spec = kubectl.run("get", "updates", "--sort-by=.metadata.creationTimestamp", "-o", "json");
        return Serialization.unmarshal(spec, io.fabric8.kubernetes.api.model.GenericKubernetesResourceList.class)
                .getItems()
                .stream()
                .filter(update -> stack.equals(update.get("spec", "stack")))
                .map(update -> update.<String>get("spec", "cause"))
                .toList();
    }

    private static Path state(String project, String stack) {
        return operator.state().resolve(".pulumi/stacks/" + project + "/" + stack + ".json");
    }

    /** What the Secret holds; empty when there is none. */
    private static Map<String, String> secret(String name) {
        Secret secret = operator.client()
                .secrets()
                .inNamespace(operator.namespace())
                .withName(name)
                .get();
        Map<String, String> data = new TreeMap<>();
        if (secret != null && secret.getData() != null) {
            secret.getData()
                    .forEach((key, value) ->
                            data.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
        }
        return data;
    }
}
