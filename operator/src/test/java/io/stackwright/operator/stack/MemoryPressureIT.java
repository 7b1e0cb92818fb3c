package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The kernel kills what the CLI has started, as it does when memory runs out; the CLI itself lives on. */
@Timeout(300)
class MemoryPressureIT {

    @TempDir
    private Path folder;

    private Path ledger;
    private RunningOperator operator;
    private Stacks stacks;

    @BeforeEach
    void start() throws Exception {
        ledger = folder.resolve("ledger");
        operator = RunningOperator.start(
                folder.resolve("data"), Toolchain.pulumi().toString(), PythonPulumi.on(RunningOperator.environment()));
        stacks = new Stacks(operator);
    }

    @AfterEach
    void stop() {
        operator.close();
    }

    /** The documented window: see "What nobody can see" in docs/howto/recovery.md. */
    @Test
    void aProviderThatIsKilledDuringACreateLeavesNothingThatAnybodyCanSee() throws Exception {
        // given a create under way
        Map<String, String> program = Scenario.program("python-ledger");
        program.remove("lib/titles.py");
        program.put(
                "__main__.py", program.get("__main__.py").replace("from lib.titles import title", "title = str.upper"));
        program.put(
                "ledger.py",
                program.get("ledger.py")
                        .replace("import time", "import os, time")
                        .replace("\"start\")\n        time", "\"start\")\n        pid(props)\n        time")
                        .replace("class LedgerProvider", """
                            def pid(props):
                                with open(props["ledger"] + ".pid", "w") as file:
                                    file.write(str(os.getpid()) + "\\n")


                            class LedgerProvider\
                            """));
        new Scenario(operator).configMap("ledger", program);
        stacks.create("window", """
            project: {configMap: {name: ledger}, install: Never}
            config: {ledger: "%s", items: "a=1", seconds: "5"}
            updates: {retry: {initial: 1s, max: 1s}}
            """.formatted(ledger));

        // when
        kill(Path.of(ledger + ".pid"));

        // then the run fails, and neither state nor lock tells of a create that may have happened
        Update failed = stacks.awaitPhase("window-1", Phase.Failed);
        assertThat(failed.getStatus().failure().reason()).isEqualTo(Reason.UpdateFailed.name());

        // and the next one creates it a second time, as the page says
        stacks.awaitReady("window");
        assertThat(Scenario.ledger(ledger)).containsExactly("create a start", "create a start", "create a end");
        String page = Files.readString(Toolchain.root().resolve("docs/howto/recovery.md"));
        assertThat(page.replaceAll("\\s+", " "))
                .contains("records a failed create and no pending operation. The next Up creates it again.");
    }

    @Test
    void aProgramThatIsKilledFailsItsRunAndIsTriedAgain() throws Exception {
        // given
        Path pid = folder.resolve("program.pid");
        new Scenario(operator)
                .configMap("hungry", Map.of("Pulumi.yaml", "{name: hungry, runtime: python}", "__main__.py", """
                    import os, time, pulumi
                    pid = pulumi.Config().require("pid")
                    if not os.path.exists(pid):
                        with open(pid, "w") as file:
                            file.write(str(os.getpid()) + "\\n")
                        time.sleep(600)
                    pulumi.export("out", "done")
                    """));
        stacks.create("hungry", """
            project: {configMap: {name: hungry}, install: Never}
            config: {pid: "%s"}
            updates: {retry: {initial: 1s, max: 1s}}
            """.formatted(pid));

        // when
        kill(pid);

        // then
        Update failed = stacks.awaitPhase("hungry-1", Phase.Failed);
        assertThat(failed.getStatus().failure().reason()).isEqualTo(Reason.UpdateFailed.name());
        assertThat(failed.getStatus().failure().message()).isNotBlank();
        assertThat(stacks.awaitReady("hungry").getStatus().outputs().get("out").asText())
                .isEqualTo("done");
        assertThat(new Scenario(operator).locks()).isEmpty();
    }

    private static void kill(Path file) throws Exception {
        patiently().until(() -> Files.exists(file) && Files.readString(file).endsWith("\n"));
        List<String> lines = Files.readAllLines(file);
        assertThat(ProcessHandle.of(Long.parseLong(lines.getFirst()))
                        .orElseThrow()
                        .destroyForcibly())
                .isTrue();
    }
}
