package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The CLI is killed in the middle of a create, again and again: each ends as {@code onPendingCreate} says, and a lock that
 * is not ours stays where it is. {@code -Drecovery.kills=20} for as many; the gate runs two.
 */
@Timeout(1800)
class CliKillsIT {

    private static final int KILLS = Integer.getInteger("recovery.kills", 2);

    @TempDir
    private Path folder;

    @Test
    void everyKillEndsAsThePolicySays() throws Exception {
        // given a lock of somebody else on another stack
        Path data = folder.resolve("data");
        Path foreign =
                data.resolve("state/.pulumi/locks/organization/python-ledger/other/" + UUID.randomUUID() + ".json");
        Files.createDirectories(foreign.getParent());
        Files.writeString(
                foreign,
                "{\"pid\":7,\"username\":\"ann\",\"hostname\":\"laptop\",\"timestamp\":\"" + Instant.now() + "\"}");
        try (RunningOperator operator = RunningOperator.start(
                data, Toolchain.pulumi().toString(), PythonPulumi.on(RunningOperator.environment()))) {
            Scenario scenario = new Scenario(operator);
            program(scenario);
            apply(scenario, "other", "Stall");

            // when
            for (int i = 0; i < KILLS; i++) {
                apply(scenario, "k" + i, policy(i));
                kill(i);
            }

            // then
            for (int i = 0; i < KILLS; i++) {
                assertEnd(scenario, i);
            }
            scenario.awaitNotReady("other", "Locked");
            assertThat(scenario.locks()).containsExactly(foreign);
        }
    }

    private static String policy(int i) {
        return i % 2 == 0 ? "Stall" : "Clear";
    }

    private void assertEnd(Scenario scenario, int i) {
        String name = "k" + i;
        if (policy(i).equals("Stall")) {
            assertThat(scenario.awaitNotReady(name, "PendingCreates").message()).contains("::a");
            assertThat(creates(i)).isEqualTo(1);
        } else {
            scenario.awaitReady(name);
            assertThat(creates(i)).isEqualTo(2);
        }
    }

    /** As soon as its create has begun. */
    private void kill(int i) {
        await().atMost(Scenario.PATIENCE).until(() -> creates(i) == 1);
        List<ProcessHandle> killed = ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .arguments()
                        .filter(a -> List.of(a).containsAll(List.of("up", "organization/python-ledger/k" + i)))
                        .isPresent())
                .filter(ProcessHandle::destroyForcibly)
                .toList();
        assertThat(killed).hasSize(1);
    }

    private long creates(int i) {
        return Scenario.ledger(folder.resolve("k" + i)).stream()
                .filter("create a start"::equals)
                .count();
    }

    private static void program(Scenario scenario) {
        Map<String, String> program = Scenario.program("python-ledger");
        program.remove("lib/titles.py");
        program.put(
                "__main__.py", program.get("__main__.py").replace("from lib.titles import title", "title = str.upper"));
        scenario.configMap("killed", program);
    }

    private void apply(Scenario scenario, String name, String policy) {
        scenario.apply(name, """
            project: {configMap: {name: killed}, install: Never}
            config: {ledger: "%s", items: "a=1", seconds: "4"}
            updates: {onPendingCreate: %s}
            """.formatted(folder.resolve(name), policy));
    }
}
