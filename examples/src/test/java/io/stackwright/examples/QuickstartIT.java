package io.stackwright.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs {@code dev/quickstart} as a newcomer does. */
class QuickstartIT {

    private static final String NAMESPACE = "stackwright-quickstart";

    /** A process group of its own; and who starts us in the background makes us, and whom we start, deaf to Ctrl-C. */
    private static final List<String> AS_IN_A_TERMINAL =
            System.getProperty("os.name").equals("Linux")
                    ? List.of("env", "--default-signal=INT", "setsid")
                    : List.of();

    @TempDir
    private Path temporary;

    private Process quickstart;
    private Path said;

    @AfterEach
    void endTheProcess() {
        quickstart.descendants().forEach(ProcessHandle::destroyForcibly);
        quickstart.destroyForcibly();
    }

    @Test
    void onceShowsAReadyStackAndLeavesNothingBehind() throws Exception {
        // when
        start(Map.of(), "--once");

        // then
        assertThat(quickstart.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(quickstart.exitValue()).as(output()).isZero();
        assertThat(output())
                .contains("hello  Ready=True  Applied")
                .contains("{\"message\":\"hello, world\",\"names\":[\"world\",\"moon\"]}")
                .contains("[\"whisper\"]")
                .containsPattern("Ready \\d+\\.\\d s after the start")
                .doesNotContain("hello, moon");
        assertNothingIsLeft();
    }

    /** Ctrl-C reaches all of the terminal's process group in front, which a minus before its number means. */
    @ParameterizedTest
    @CsvSource({"TERM, '', 143", "INT, -, 130"})
    void aSignalTakesEverythingDown(String signal, String group, int exit) throws Exception {
        // given
        start(Map.of());
        awaitWhatToTryNext();
        assertThat(processes()).isNotEmpty();

        // when
        shell("kill -" + signal + " -- " + group + quickstart.pid());

        // then
        assertThat(quickstart.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(output()).contains("1 deleted, with what they created");
        assertThat(quickstart.exitValue()).as(output()).isEqualTo(exit);
        assertNothingIsLeft();
    }

    @Test
    void whatItSaysToTryNextCanBeTried() throws Exception {
        // given
        start(Map.of());
        awaitWhatToTryNext();

        // when
        List<String> change = commands("Change its configuration");
        shell(change.getFirst());

        // then
        awaitAnswer("kubectl get stack hello -o jsonpath={.status.outputs.message}", "good morning, world");
        assertThat(shell(change.getLast())).contains("hello-2");

        // when
        List<String> breakAndRepair = commands("Break the program");
        shell(breakAndRepair.getFirst());

        // then
        awaitAnswer(breakAndRepair.get(1), "resource or variable named \"nothing\" could not be found");
        assertThat(output()).contains("hello  Ready=False");

        // when
        shell(breakAndRepair.getLast());

        // then
        shell("kubectl wait --for=condition=Ready --timeout=2m stack/hello");
        assertThat(shell(commands("Read the secret output").getFirst())).isEqualTo("good morning, moon");

        // when
        shell(commands("Delete it").getFirst());

        // then
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(output()).contains("hello is gone"));
        shell("kill -TERM " + quickstart.pid());
        assertThat(quickstart.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertNothingIsLeft();
    }

    @Test
    void aClusterOfThePersonsOwnIsLeftAsItWas() throws Exception {
        // given
        try (ControlPlane cluster = ControlPlane.start()) {
            // when
            start(Map.of("KUBECONFIG", cluster.kubeconfig().toString()), "--once", "--context", "test");

            // then
            assertThat(quickstart.waitFor(5, TimeUnit.MINUTES)).isTrue();
            assertThat(quickstart.exitValue()).as(output()).isZero();
            assertThat(output())
                    .contains("hello  Ready=True  Applied")
                    .contains("1 deleted, with what they created")
                    .doesNotContain("Left in the cluster");
            assertNothingIsLeft();
            // A namespace goes by a controller that this control plane does not have.
            assertThat(namespace(cluster.client()).getMetadata().getDeletionTimestamp())
                    .isNotNull();
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(
                            () -> assertThat(definitions(cluster.client())).isEmpty());
        }
    }

    @Test
    void aStackThatCouldNotBeDestroyedStaysInThePersonsClusterAndIsNamed() throws Exception {
        // given
        try (ControlPlane cluster = ControlPlane.start()) {
            start(Map.of("KUBECONFIG", cluster.kubeconfig().toString()), "--context", "test");
            awaitWhatToTryNext();

            // when nobody is there to destroy it
            operator().destroyForcibly();

            // then
            assertThat(quickstart.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(quickstart.exitValue()).as(output()).isOne();
            assertThat(output())
                    .contains("the operator ended by itself")
                    .contains("Not every Stack was destroyed")
                    .contains("delete namespace " + NAMESPACE)
                    .contains("Left in the cluster of context test: namespace " + NAMESPACE
                            + " with stack.stackwright.io/hello and the definitions of Stack and Update.");
            assertThat(namespace(cluster.client()).getMetadata().getDeletionTimestamp())
                    .isNull();
            assertThat(definitions(cluster.client())).hasSize(2);
            assertThat(cluster.client()
                            .resources(Stack.class)
                            .inNamespace(NAMESPACE)
                            .withName("hello")
                            .get()
                            .getMetadata()
                            .getDeletionTimestamp())
                    .isNull();
        }
    }

    private static Namespace namespace(KubernetesClient client) {
        return client.namespaces().withName(NAMESPACE).get();
    }

    private static List<String> definitions(KubernetesClient client) {
        return client.apiextensions().v1().customResourceDefinitions().list().getItems().stream()
                .map(definition -> definition.getMetadata().getName())
                .toList();
    }

    private ProcessHandle operator() {
        String scratch = temporary.resolve("scratch").toString();
        return quickstart
                .descendants()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(command -> command.contains("stackwright-operator.jar") && command.contains(scratch))
                        .isPresent())
                .findFirst()
                .orElseThrow();
    }

    private void start(Map<String, String> environment, String... options) throws IOException {
        said = temporary.resolve("said");
        Path scratch = Files.createDirectory(temporary.resolve("scratch"));
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(AS_IN_A_TERMINAL));
        builder.command().add(Toolchain.root().resolve("dev/quickstart").toString());
        builder.command().addAll(List.of(options));
        builder.environment().keySet().removeIf(name -> name.startsWith("STACKWRIGHT_TEST_"));
        builder.environment().putAll(environment);
        builder.environment().put("TMPDIR", scratch.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        quickstart = builder.redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
    }

    private void awaitWhatToTryNext() {
        await().atMost(Duration.ofMinutes(5))
                .untilAsserted(() -> assertThat(output()).contains("The log of the operator"));
    }

    /** What is printed below a comment that begins like this. */
    private List<String> commands(String title) throws IOException {
        List<String> commands = output().lines()
                .map(String::strip)
                .dropWhile(line -> !line.startsWith("# " + title))
                .skip(1)
                .takeWhile(line -> !line.isEmpty())
                .toList();
        assertThat(commands).as(title).isNotEmpty();
        return commands;
    }

    private void awaitAnswer(String command, String answer) {
        await().atMost(Duration.ofMinutes(2))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(shell(command)).contains(answer));
    }

    /** Runs a command in a shell where what is printed to be exported has been; returns what it says. */
    private String shell(String command) throws Exception {
        String exports = output().lines()
                .map(String::strip)
                .filter(line -> line.startsWith("export "))
                .collect(Collectors.joining("\n", "", "\n"));
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", exports + command).redirectErrorStream(true);
        // Where there is a kubectl the quickstart does not say where to find one: no matter which, for a test.
        builder.environment().merge("PATH", Toolchain.bin().toString(), (path, tools) -> path + ":" + tools);
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
        return said;
    }

    private String output() throws IOException {
        return Files.readString(said);
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(processes()).isEmpty();
        try (Stream<Path> files = Files.list(temporary.resolve("scratch"))) {
            assertThat(files).isEmpty();
        }
    }

    /** Everything that the quickstart starts has a path of its scratch folder on its command line. */
    private List<String> processes() {
        String scratch = temporary.resolve("scratch").toString();
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(command -> command.contains(scratch))
                .toList();
    }
}
