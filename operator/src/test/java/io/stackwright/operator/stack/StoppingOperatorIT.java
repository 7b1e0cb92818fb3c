package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.ChildOperator;
import io.stackwright.operator.JavaProcess;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The operator stops, or the Stack goes, while a provider is in the middle of a create that takes eight seconds. */
@Timeout(300)
class StoppingOperatorIT {

    /** Passes signals on as they come and counts them. */
    private static final String COUNTING_CLI = """
        #!/bin/sh
        '%s' "$@" &
        child=$!
        trap 'echo "$1" >> "%s"; kill -TERM $child' TERM
        wait $child
        code=$?
        while kill -0 $child 2>/dev/null; do
          wait $child
          code=$?
        done
        exit $code
        """;

    @TempDir
    private Path folder;

    /** The items, in the order in which the engine happened to take them. */
    private String first;

    private String second;

    @Test
    void aStoppedOperatorLeavesNothingPendingAndTheNextOneGoesOn() throws Exception {
        // given
        Path signals = folder.resolve("signals");
        Path cli = RecordingCli.script(
                folder.resolve("counting-pulumi"), COUNTING_CLI.formatted(Toolchain.pulumi(), signals));
        try (RunningOperator operator = RunningOperator.start(folder.resolve("data"), cli.toString(), environment())) {
            Scenario scenario = new Scenario(operator);
            applySlow(scenario);
            awaitFirstCreate();

            // when
            operator.close();

            // then the create is finished and recorded, and the next one was not begun
            assertThat(Files.readAllLines(signals)).containsExactly("up");
            assertThat(ledger()).containsExactly(done("create", first));
            assertSettled(scenario);
            assertThat(scenario.updates("slow").getFirst().getStatus().run().result())
                    .isEqualTo(RunStatus.Result.Interrupted);

            // when
            operator.start();

            // then
            assertTheRestIsDoneOnce(scenario);
        }
    }

    @Test
    void sigtermOfTheProcess() throws Exception {
        // given
        ControlPlane plane = ControlPlane.shared();
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
        String namespace = plane.createNamespace("process");
        Scenario scenario = new Scenario(plane.client(), namespace, folder.resolve("state"));
        Process process = operatorProcess(namespace, "first");
        try {
            applySlow(scenario);
            awaitStarted(process);
            awaitFirstCreate();

            // when
            process.toHandle().destroy();

            // then
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(128 + 15);
            assertThat(ledger()).containsExactly(done("create", first));
            assertSettled(scenario);
            assertThat(scenario.updates("slow").getFirst().getStatus().run().result())
                    .isEqualTo(RunStatus.Result.Interrupted);

            // when
            process = operatorProcess(namespace, "second");

            // then
            assertTheRestIsDoneOnce(scenario);
        } finally {
            process.toHandle().destroy();
            process.waitFor(60, TimeUnit.SECONDS);
            process.destroyForcibly();
        }
    }

    @Test
    void aDeletionCancelsWhatRunsThenDestroysAll() throws Exception {
        // given
        try (RunningOperator operator =
                RunningOperator.start(folder.resolve("data"), Toolchain.pulumi().toString(), environment())) {
            Scenario scenario = new Scenario(operator);
            applySlow(scenario);
            awaitFirstCreate();
            List<Update> seen = scenario.updates("slow");
            assertThat(seen).extracting(update -> update.getSpec().operation()).containsExactly(Operation.Up);

            // when
            scenario.delete("slow");

            // then
            scenario.awaitGone("slow");
            assertThat(ledger())
                    .containsExactly(Stream.of(done("create", first), done("delete", first))
                            .flatMap(Stream::of)
                            .toArray(String[]::new));
            assertThat(scenario.inBackend("python-ledger", "slow")).isFalse();
            assertThat(scenario.locks()).isEmpty();
        }
    }

    /** Two items, one after the other, each of which takes eight seconds. */
    private void applySlow(Scenario scenario) {
        Map<String, String> program = Scenario.program("python-ledger");
        program.remove("lib/titles.py");
        program.put(
                "__main__.py", program.get("__main__.py").replace("from lib.titles import title", "title = str.upper"));
        scenario.configMap("slow", program);
        scenario.apply("slow", """
            project: {configMap: {name: slow}, install: Never}
            config: {ledger: "%s", seconds: "8"}
            updates: {parallel: 1}
            """.formatted(folder.resolve("ledger")));
    }

    private void awaitStarted(Process process) throws IOException {
        Path log = folder.resolve("first.log");
        await().atMost(Scenario.PATIENCE)
                .until(() -> !process.isAlive() || Files.readString(log).contains("started"));
        assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
    }

    private void awaitFirstCreate() {
        await().atMost(Scenario.PATIENCE).until(() -> ledger().size() == 1);
        first = ledger().getFirst().split(" ")[1];
        second = first.equals("a") ? "b" : "a";
    }

    private static String[] done(String operation, String item) {
        return new String[] {operation + " " + item + " start", operation + " " + item + " end"};
    }

    private List<String> ledger() {
        return Scenario.ledger(folder.resolve("ledger"));
    }

    private static void assertSettled(Scenario scenario) {
        assertThat(scenario.locks()).isEmpty();
        assertThat(scenario.state("python-ledger", "slow").path("pending_operations"))
                .isEmpty();
    }

    private void assertTheRestIsDoneOnce(Scenario scenario) {
        scenario.awaitReady("slow");
        assertThat(ledger())
                .containsExactly(Stream.of(done("create", first), done("create", second))
                        .flatMap(Stream::of)
                        .toArray(String[]::new));
        await().atMost(Scenario.PATIENCE)
                .untilAsserted(() -> assertThat(scenario.updates("slow"))
                        .extracting(update -> update.getStatus().phase())
                        .containsExactly(Phase.Interrupted, Phase.Succeeded));
    }

    private static Map<String, String> environment() throws IOException, InterruptedException {
        return PythonPulumi.on(RunningOperator.environment());
    }

    private Process operatorProcess(String namespace, String name) throws Exception {
        ProcessBuilder builder = JavaProcess.builder(
                ChildOperator.class,
                "--data-dir=" + folder.resolve("data"),
                "--operator-namespace=" + namespace,
                "--watch-namespaces=" + namespace,
                "--backend-url=file://" + folder.resolve("state"),
                "--pulumi=" + Toolchain.pulumi(),
                "--http-port=0",
                "--log-format=text");
        Files.createDirectories(folder.resolve("state"));
        builder.environment().clear();
        builder.environment().putAll(environment());
        builder.environment()
                .put("KUBECONFIG", ControlPlane.shared().kubeconfig().toString());
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
    }
}
