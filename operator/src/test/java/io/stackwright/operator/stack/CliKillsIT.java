package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The CLI is killed in the middle of a create, again and again: each ends as {@code onPendingCreate} says, and a lock that
 * is not ours stays where it is, on that stack too, while its holder lives and when it has crashed.
 * {@code -Drecovery.kills=20} for as many, of which {@code dev/long} makes use.
 */
@Timeout(1800)
@Tag("long")
class CliKillsIT {

    private static final int KILLS = Integer.getInteger("recovery.kills", 2);

    @TempDir
    private Path folder;

    @Test
    void everyKillEndsAsThePolicySays() throws Exception {
        // given a person's own CLI, which is at work on another stack
        Path data = folder.resolve("data");
        Map<String, String> environment = PythonPulumi.on(RunningOperator.environment());
        try (RunningOperator operator =
                        RunningOperator.start(data, Toolchain.pulumi().toString(), environment);
                TheirCli theirs = TheirCli.start(folder, operator.state(), environment.get("PATH"), program())) {
            Scenario scenario = new Scenario(operator);
            scenario.configMap("killed", program());
            new Stacks(operator).putSecret("theirs", TheirCli.SECRET);
            Path foreign = theirs.lock();
            byte[] held = Files.readAllBytes(foreign);
            apply(scenario, TheirCli.STACK, "Stall", TheirCli.PASSPHRASE_OF_SECRET);

            // when
            for (int i = 0; i < KILLS; i++) {
                apply(scenario, "k" + i, policy(i), "");
                kill(i);
            }
            apply(scenario, "k" + KILLS, "Clear", "");
            await().atMost(Scenario.PATIENCE).until(() -> creates("k" + KILLS) == 1);
            Path beside = lock(data, "k" + KILLS);
            kill(KILLS);

            // then
            for (int i = 0; i < KILLS; i++) {
                assertEnd(scenario, i);
            }
            // ours is gone from beside the other one, which is named and stays
            assertThat(scenario.awaitNotReady("k" + KILLS, "Locked").message()).contains("ann@laptop");
            await().atMost(Scenario.PATIENCE)
                    .untilAsserted(() -> assertThat(locks(scenario)).containsExactlyInAnyOrder(foreign, beside));
            assertThat(creates("k" + KILLS)).isEqualTo(1);

            // when its holder has gone
            Files.delete(beside);

            // then
            scenario.awaitReady("k" + KILLS);
            assertThat(creates("k" + KILLS)).isEqualTo(2);
            assertThat(locks(scenario)).containsExactly(foreign);

            // and the one that lives was named, and left alone
            assertThat(scenario.awaitNotReady(TheirCli.STACK, "Locked").message())
                    .contains("(pid " + theirs.pid() + ")");
            assertThat(theirs.isAlive()).isTrue();
            assertThat(foreign).hasBinaryContent(held);

            somebodyElsesCrashIsLeftToPeople(scenario, operator.client(), theirs);
        }
    }

    /** Not even the death of its holder makes a lock ours. */
    private void somebodyElsesCrashIsLeftToPeople(Scenario scenario, KubernetesClient client, TheirCli theirs) {
        // when
        String last = scenario.get(TheirCli.STACK).getStatus().failures().update();
        theirs.kill();

        // then it is tried again, and still locked
        await().atMost(Scenario.PATIENCE)
                .until(() -> !scenario.get(TheirCli.STACK)
                        .getStatus()
                        .failures()
                        .update()
                        .equals(last));
        scenario.awaitNotReady(TheirCli.STACK, "Locked");
        assertThat(locks(scenario)).containsExactly(theirs.lock());

        // when a person says that it is dead
        scenario.annotate(
                TheirCli.STACK,
                "stackwright.io/unlock",
                theirs.lock().getFileName().toString().replace(".json", ""));

        // then
        assertThat(scenario.awaitNotReady(TheirCli.STACK, "PendingCreates").message())
                .contains("::a");
        assertThat(locks(scenario)).isEmpty();
        assertThat(creates(TheirCli.STACK)).isEqualTo(1);

        // when
        GenericKubernetesResource remedy =
                Serialization.unmarshal("""
                    apiVersion: stackwright.io/v1alpha1
                    kind: Update
                    metadata: {name: theirs-remedy}
                    spec: {stack: %s, operation: Refresh, clearPendingCreates: true}
                    """.formatted(TheirCli.STACK), GenericKubernetesResource.class);
        remedy.getMetadata()
                .setNamespace(scenario.get(TheirCli.STACK).getMetadata().getNamespace());
        client.resource(remedy).create();

        // then
        scenario.awaitReady(TheirCli.STACK);
        assertThat(creates(TheirCli.STACK)).isEqualTo(2);
    }

    /** Of somebody who is elsewhere, and of whom nothing is known but what the lock says. */
    private static Path lock(Path data, String stack) throws IOException {
        Path lock = data.resolve(
                "state/.pulumi/locks/organization/python-ledger/" + stack + "/" + UUID.randomUUID() + ".json");
        Files.createDirectories(lock.getParent());
        return Files.writeString(
                lock,
                "{\"pid\":7,\"username\":\"ann\",\"hostname\":\"laptop\",\"timestamp\":\"" + Instant.now() + "\"}");
    }

    /** The bare CLI writes attributes beside them. */
    private static List<Path> locks(Scenario scenario) {
        return scenario.locks().stream()
                .filter(file -> file.toString().endsWith(".json"))
                .toList();
    }

    private static String policy(int i) {
        return i % 2 == 0 ? "Stall" : "Clear";
    }

    private void assertEnd(Scenario scenario, int i) {
        String name = "k" + i;
        if (policy(i).equals("Stall")) {
            assertThat(scenario.awaitNotReady(name, "PendingCreates").message()).contains("::a");
            assertThat(creates(name)).isEqualTo(1);
        } else {
            scenario.awaitReady(name);
            assertThat(creates(name)).isEqualTo(2);
        }
        System.out.println("kills of the CLI that ended as the policy says: " + (i + 1) + " of " + KILLS);
    }

    /** As soon as its create has begun; another build on this machine has Stacks of these names too. */
    private void kill(int i) {
        await().atMost(Scenario.PATIENCE).until(() -> creates("k" + i) == 1);
        List<ProcessHandle> killed = ProcessHandle.current()
                .descendants()
                .filter(process -> process.info()
                        .arguments()
                        .filter(a -> List.of(a).containsAll(List.of("up", "organization/python-ledger/k" + i)))
                        .isPresent())
                .filter(ProcessHandle::destroyForcibly)
                .toList();
        assertThat(killed).hasSize(1);
    }

    private long creates(String name) {
        return Scenario.ledger(folder.resolve(name)).stream()
                .filter("create a start"::equals)
                .count();
    }

    private static Map<String, String> program() {
        Map<String, String> program = Scenario.program("python-ledger");
        program.remove("lib/titles.py");
        program.put(
                "__main__.py", program.get("__main__.py").replace("from lib.titles import title", "title = str.upper"));
        return program;
    }

    private void apply(Scenario scenario, String name, String policy, String more) {
        scenario.apply(name, """
            project: {configMap: {name: killed}, install: Never}
            config: {ledger: "%s", items: "a=1", seconds: "4"}
            updates: {onPendingCreate: %s}
            %s
            """.formatted(folder.resolve(name), policy, more));
    }
}
