package io.stackwright.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.GitServer;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of the image, unpacked: its runtime, its jars, its command line. */
class OperatorOnItsRuntimeIT {

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir
    private static Path folder;

    private static Path root;
    private static List<String> entrypoint;

    @BeforeAll
    static void unpack() throws IOException {
        BuiltImage image = BuiltImage.ofThePackage(folder);
        root = image.unpack(folder.resolve("root"));
        entrypoint = new ArrayList<>();
        for (JsonNode argument : image.config().at("/config/Entrypoint")) {
            entrypoint.add(argument.asText().replaceAll("(^|=)/(opt|var)/", "$1" + root + "/$2/"));
        }
    }

    @Test
    void tellsItsVersionAndItsFlags() {
        assertThat(Finished.of(command("--version"))).satisfies(done -> {
            assertThat(done.exit()).isZero();
            assertThat(done.output()).startsWith("stackwright ");
        });
        assertThat(Finished.of(command("--help"))).satisfies(done -> {
            assertThat(done.exit()).isZero();
            assertThat(done.output()).contains("--data-dir", "--http-port");
        });
    }

    @Test
    void startsOutOfItsArchiveOfClasses() {
        // given
        ProcessBuilder builder = command("--help");
        builder.environment().put("JDK_JAVA_OPTIONS", "-Xlog:class+load");

        // when
        Finished done = Finished.of(builder);

        // then
        List<String> loaded =
                done.output().lines().filter(line -> line.contains(" source: ")).toList();
        List<String> archived = loaded.stream()
                .filter(line -> line.endsWith("source: shared objects file"))
                .toList();
        assertThat(archived).anyMatch(line -> line.contains(" io.stackwright.operator.OperatorMain "));
        assertThat(archived).hasSizeGreaterThan(loaded.size() * 9 / 10);
    }

    /** For one that is not, Java would load all that the class path has, Bouncy Castle first. */
    @Test
    void hasEverySecurityProviderThatItsSettingsName() throws IOException {
        // given
        Path settings = root.resolve("opt/stackwright/jre/conf/security/java.security");
        List<String> named = Files.readAllLines(settings).stream()
                .filter(line -> line.startsWith("security.provider."))
                .map(line -> line.substring(line.indexOf('=') + 1).strip())
                .toList();

        // when
        Finished finished = Finished.of(new ProcessBuilder(
                root.resolve("opt/stackwright/jre/bin/java").toString(),
                // Of another class path, which Java would tell.
                "-Xshare:off",
                "-cp",
                Toolchain.root().resolve("image/target/test-classes").toString(),
                ListProviders.class.getName()));

        // then
        assertThat(named).contains("SunJSSE", "SunEC");
        assertThat(finished.output().lines().filter(line -> !line.startsWith(ListProviders.OF_A_MODULE)))
                .containsExactlyElementsOf(named);
        assertThat(finished.output().lines().filter(line -> line.startsWith(ListProviders.OF_A_MODULE)))
                .as("those that its modules bring")
                .isNotEmpty()
                .allSatisfy(line -> assertThat(named).contains(line.substring(ListProviders.OF_A_MODULE.length())));
    }

    /** TLS to the API server and to Git, DNS, the HTTP server, metrics of the JVM, encryption, processes: all for real. */
    @Test
    void bringsUpAStackFromGitOverHttps() throws Exception {
        try (ControlPlane cluster = ControlPlane.start();
                GitServer git = GitServer.start()) {
            // given
            cluster.applyCrds(Toolchain.root().resolve("crds/manifests"));
            git.create("infra").commit(Map.of("Pulumi.yaml", "name: shop\nruntime: yaml\noutputs: {answer: 42}\n"));
            Path objects = Files.writeString(folder.resolve("objects.yaml"), objects(git));
            int port = freePort();

            // when
            ProcessBuilder builder = command(
                    "--data-dir=" + folder.resolve("data"),
                    "--operator-namespace=default",
                    "--http-port=" + port,
                    "--source-allowed-hosts=localhost");
            builder.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
            builder.redirectErrorStream(true)
                    .redirectOutput(folder.resolve("operator.log").toFile());
            Process operator = builder.start();
            try {
                assertThat(kubectl(cluster, "apply", "-f", objects.toString()).exit())
                        .isZero();

                // then
                Path log = folder.resolve("operator.log");
                await().atMost(PATIENCE).untilAsserted(() -> {
                    assertThat(operator.isAlive()).as(Files.readString(log)).isTrue();
                    Finished answer =
                            kubectl(cluster, "get", "stack", "shop", "-o", "jsonpath={.status.outputs.answer}");
                    assertThat(answer.output()).as(Files.readString(log)).isEqualTo("42");
                });
                assertThat(metrics(port)).contains("jvm_memory_used_bytes", "stackwright_");
                assertThat(Files.readString(log)).doesNotContain("NoClassDefFoundError", "ClassNotFoundException");
            } finally {
                operator.destroy();
                operator.waitFor();
            }
        }
    }

    /** What is not used above: the ssh client, whose classes refer to more of the JDK than they ever use. */
    @Test
    void linksTheSshClient() {
        // given
        Path home = root.resolve("opt/stackwright");
        Path tests = Toolchain.root().resolve("image/target/test-classes");

        // when
        Finished finished = Finished.of(new ProcessBuilder(
                home.resolve("jre/bin/java").toString(),
                "-cp",
                home.resolve("stackwright-operator.jar") + ":" + tests,
                LinkClasses.class.getName(),
                "org.eclipse.jgit.internal.transport.sshd.JGitClientSession",
                "org.eclipse.jgit.transport.sshd.SshdSessionFactory",
                "org.apache.sshd.client.channel.ChannelExec",
                "org.bouncycastle.jce.provider.BouncyCastleProvider"));

        // then
        assertThat(finished.output()).contains("linked 4");
    }

    private static String objects(GitServer git) {
        return """
            apiVersion: v1
            kind: Secret
            metadata: {name: git, namespace: default}
            stringData:
              ca.crt: |
                %s
            ---
            apiVersion: stackwright.io/v1alpha1
            kind: Stack
            metadata: {name: shop, namespace: default}
            spec:
              project:
                git: {url: "%s", branch: main, secretRef: {name: git}}
            """.formatted(git.certificate().strip().replace("\n", "\n    "), git.url("infra"));
    }

    private static ProcessBuilder command(String... arguments) {
        List<String> command = new ArrayList<>(entrypoint);
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        // Nothing of this machine's Java.
        builder.environment().clear();
        builder.environment().put("PATH", Toolchain.bin() + ":/usr/bin:/bin");
        builder.environment().put("HOME", folder.toString());
        return builder;
    }

    private static Finished kubectl(ControlPlane cluster, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Toolchain.kubectl().toString(),
                "--kubeconfig",
                cluster.kubeconfig().toString()));
        command.addAll(List.of(arguments));
        return Finished.of(new ProcessBuilder(command));
    }

    private static String metrics(int port) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                    .timeout(PATIENCE)
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }
}
