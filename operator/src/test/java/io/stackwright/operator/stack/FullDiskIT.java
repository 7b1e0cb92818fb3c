package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.ChildOperator;
import io.stackwright.operator.JavaProcess;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk is full: nothing runs that could not be accounted for, nothing is made twice, and room is all that is needed. */
@Timeout(300)
class FullDiskIT {

    private static final String SPEC = """
        project:
          inline:
            name: room
            runtime: yaml
            resources: {one: {type: "pulumi:index:Stash", properties: {input: "1"}}}
            outputs: {out: done}
        updates: {retry: {initial: 1s, max: 1s}}
        """;

    @TempDir
    private Path folder;

    @Test
    void withoutRoomForEvidenceNothingRuns() throws Exception {
        // given an operator with no room on the disk of its data directory
        RecordedPulumi pulumi = RecordedPulumi.in(folder);
        try (SmallDisk disk = SmallDisk.of(64, folder.resolve("disk"));
                RunningOperator operator =
                        RunningOperator.start(disk.root(), pulumi.command(), RunningOperator.environment())) {
            Stacks stacks = new Stacks(operator);
            disk.fill();

            // when
            stacks.create("waits", SPEC);

            // then it says so, tries again, and starts nothing
            assertThat(stacks.awaitInProgress("waits", Reason.DiskFull).message())
                    .contains("no space is left", "data directory")
                    .doesNotContain("Exception");
            patiently().until(() -> stacks.status("waits").failures().count() >= 2);
            assertThat(pulumi.commands("waits")).isEmpty();
            patiently()
                    .untilAsserted(() ->
                            assertThat(disk.root().resolve("evidence/open")).isEmptyDirectory());

            // when there is room again
            disk.free();

            // then it needs nobody
            stacks.awaitReady("waits");
            assertThat(pulumi.commands("waits")).containsOnlyOnce("up");

            // when there is none for a destroy
            disk.fill();
            stacks.delete("waits");
            patiently()
                    .until(() -> stacks.status("waits").failures() != null
                            && stacks.status("waits").failures().reason().equals(Reason.DiskFull.name()));
            assertThat(pulumi.commands("waits")).doesNotContain("destroy");
            disk.free();

            // then
            stacks.awaitGone("waits");
        }
    }

    @Test
    void whatARunHasFilledTheDiskWithGoesWithTheRunAlsoWhenTheOperatorDied() throws Exception {
        // given a program that leaves no room for a file on the data directory's disk, the first time
        Path full = folder.resolve("full");
        try (SmallDisk disk = SmallDisk.ofFiles(5000, folder.resolve("disk"))) {
            ControlPlane plane = ControlPlane.shared();
            plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
            String namespace = plane.createNamespace("full");
            Scenario scenario = new Scenario(plane.client(), namespace, folder.resolve("state"));
            Process operator = operator(disk.root(), namespace);
            try {
                scenario.configMap(
                        "greedy",
                        Map.of("Pulumi.yaml", "name: greedy\nruntime: python\n", "__main__.py", """
                            import os, tempfile, time
                            full = "%s"
                            if not os.path.exists(full):
                                try:
                                    while True:
                                        os.close(tempfile.mkstemp()[0])
                                except OSError:
                                    open(full, "w").close()
                                    time.sleep(600)
                            """.formatted(full)));
                scenario.apply("greedy", "project: {configMap: {name: greedy}, install: Never}");
                await().atMost(Scenario.PATIENCE).until(() -> Files.exists(full));

                // when operator and command are killed, as with their container
                List<ProcessHandle> command = operator.toHandle().descendants().toList();
                operator.destroyForcibly().waitFor();
                command.forEach(ProcessHandle::destroyForcibly);
                operator = operator(disk.root(), namespace);

                // then the next operator makes room, and goes on
                scenario.awaitReady("greedy");
                assertThat(operator.isAlive()).isTrue();
            } finally {
                operator.toHandle().destroy();
                operator.waitFor();
            }
        }
    }

    private Process operator(Path data, String namespace) throws Exception {
        ProcessBuilder builder = JavaProcess.builder(
                ChildOperator.class,
                "--data-dir=" + data,
                "--operator-namespace=" + namespace,
                "--watch-namespaces=" + namespace,
                "--backend-url=file://" + Files.createDirectories(folder.resolve("state")),
                "--pulumi=" + Toolchain.pulumi(),
                "--http-port=0",
                "--log-format=text");
        builder.environment().clear();
        builder.environment().putAll(PythonPulumi.on(RunningOperator.environment()));
        builder.environment()
                .put("KUBECONFIG", ControlPlane.shared().kubeconfig().toString());
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("operator.log").toFile()))
                .start();
    }

    @Test
    void aBackendThatFillsUpDuringACreateDoublesNothing() throws Exception {
        // given a backend on a small disk, and one beside it
        Path ledger = folder.resolve("ledger");
        try (SmallDisk disk = SmallDisk.of(16, folder.resolve("disk"));
                RunningOperator operator = RunningOperator.start(
                        folder.resolve("data"),
                        Toolchain.pulumi().toString(),
                        PythonPulumi.on(RunningOperator.environment()))) {
            Stacks stacks = new Stacks(operator);
            Path backend = Files.createDirectory(disk.root().resolve("state"));
            program(operator);
            String small = "backend: {url: \"file://" + backend + "\"}\n";
            stacks.create("fills", small + """
                project: {configMap: {name: ledger}, install: Never}
                config: {ledger: "%s", items: "a=1", seconds: "4"}
                updates: {retry: {initial: 1s, max: 1s}}
                """.formatted(ledger));

            // when the disk fills while the resource is being created
            patiently()
                    .untilAsserted(() -> assertThat(Scenario.ledger(ledger))
                            .as("%s", stacks.status("fills"))
                            .containsExactly("create a start"));
            disk.fill();

            // then the run fails for want of room, and the create is not done again, however often it is tried
            patiently()
                    .until(() -> stacks.status("fills").failures() != null
                            && stacks.status("fills").failures().reason().equals(Reason.DiskFull.name())
                            && stacks.status("fills").failures().count() >= 2);
            assertThat(Scenario.ledger(ledger)).containsExactly("create a start", "create a end");

            // and those whose backend has room go on
            stacks.create("neighbour", SPEC);
            stacks.awaitReady("neighbour");

            // when there is room again
            disk.free();

            // then
            stacks.awaitReady("fills");
            assertThat(Scenario.ledger(ledger)).containsExactly("create a start", "create a end");
        }
    }

    @Test
    void aLogThatCannotBeKeptCostsOnlyTheLog() throws Exception {
        // given no room for logs alone
        try (SmallDisk disk = SmallDisk.of(1, folder.resolve("disk"))) {
            Path data = Files.createDirectory(folder.resolve("data"));
            Files.createSymbolicLink(data.resolve("logs"), disk.root());
            disk.fill();
            try (RunningOperator operator = RunningOperator.start(data)) {
                Stacks stacks = new Stacks(operator);

                // when
                stacks.create("unlogged", SPEC);

                // then
                stacks.awaitReady("unlogged");
                assertThat(stacks.status("unlogged").outputs().get("out").asText())
                        .isEqualTo("done");
                assertThat(stacks.awaitPhase("unlogged-1", Phase.Succeeded)
                                .getStatus()
                                .run()
                                .log())
                        .isNull();
            }
        }
    }

    private static void program(RunningOperator operator) {
        Map<String, String> program = Scenario.program("python-ledger");
        program.remove("lib/titles.py");
        program.put(
                "__main__.py", program.get("__main__.py").replace("from lib.titles import title", "title = str.upper"));
        new Scenario(operator).configMap("ledger", program);
    }
}
