package io.stackwright.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code dev/quickstart} as a newcomer does. */
class QuickstartIT {

    @TempDir
    private Path temporary;

    private static final String NAMESPACE = "stackwright-quickstart";

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

    @Test
    void aSignalTakesEverythingDown() throws Exception {
        // given
        start(Map.of());
        await().atMost(Duration.ofMinutes(5))
                .untilAsserted(() -> assertThat(output()).contains("The log of the operator"));
        assertThat(processes()).isNotEmpty();

        // when
        quickstart.destroy();

        // then
        assertThat(quickstart.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(output()).contains("1 deleted, with what they created");
        assertThat(quickstart.exitValue()).as(output()).isEqualTo(143);
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
            await().atMost(Duration.ofMinutes(5))
                    .untilAsserted(() -> assertThat(output()).contains("The log of the operator"));

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
        ProcessBuilder builder =
                new ProcessBuilder(Toolchain.root().resolve("dev/quickstart").toString());
        builder.command().addAll(List.of(options));
        builder.environment().putAll(environment);
        builder.environment().put("TMPDIR", scratch.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        quickstart = builder.redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
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
