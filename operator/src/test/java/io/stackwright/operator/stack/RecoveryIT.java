package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.ChildOperator;
import io.stackwright.operator.JavaProcess;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Operator or CLI are killed in the middle of a create. The ledger of the provider is the truth: what is in it twice was
 * doubled.
 */
@Timeout(300)
class RecoveryIT {

    @TempDir
    private Path folder;

    private Scenario scenario;
    private String namespace;
    private Process operator;
    private String daemon = "";

    @BeforeEach
    void start() throws Exception {
        ControlPlane plane = ControlPlane.shared();
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
        namespace = plane.createNamespace("recovery");
        scenario = new Scenario(plane.client(), namespace, folder.resolve("state"));
        operator = operator();
    }

    @AfterEach
    void stop() throws Exception {
        operator.toHandle().destroy();
        if (!operator.waitFor(60, TimeUnit.SECONDS)) {
            operator.destroyForcibly();
        }
        commands().forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void aCommandThatOutlivesItsOperatorEndsInGoodOrderBeforeAnythingElseRuns() throws Exception {
        // given
        apply("120", "");
        ProcessHandle command = awaitCreate();

        // when
        operator.destroyForcibly().waitFor();
        assertThat(command.isAlive()).isTrue();
        operator = operator();

        // then the Stack waits for it, and says for which process
        Condition waiting = scenario.awaitNotReady("slow", "Interrupted");
        assertThat(waiting.message()).contains("process " + command.pid(), "asked to stop");
        assertThat(command.isAlive()).isTrue();
        finishCreates();

        // and the create is finished once, the rest is done by the next run
        scenario.awaitReady("slow");
        assertThat(creates()).containsExactlyInAnyOrder("a", "b");
        assertThat(scenario.locks()).isEmpty();
        await().untilAsserted(() -> assertThat(phases()).containsExactly(Phase.Interrupted, Phase.Succeeded));
        assertThat(folder.resolve("data/work")).isEmptyDirectory();
    }

    @Test
    void whatAPersonHasStoppedDoesNotStartAgainWithTheNextOperator() throws Exception {
        // given
        apply("120", "");
        awaitCreate();
        String item = scenarioItem();

        // when
        operator.destroyForcibly().waitFor();
        new Stacks(ControlPlane.shared().client(), namespace).cancel("slow-1");
        operator = operator();
        awaitAskedToStop();
        finishCreates();

        // then
        scenario.awaitNotReady("slow", "Cancelled");
        assertThat(scenario.condition("slow", Condition.STALLED).status()).isEqualTo(Condition.TRUE);
        await().during(3, TimeUnit.SECONDS).until(() -> phases().equals(List.of(Phase.Interrupted)));
        assertThat(creates()).containsExactly(item);

        // when
        scenario.annotate("slow", Requests.RECONCILE, "1");

        // then
        scenario.awaitReady("slow");
        assertThat(creates()).containsExactlyInAnyOrder("a", "b");
    }

    /** The request is taken up with the run, and what the Stack was stalled for says nothing of what that run left. */
    @Test
    void aRunThatWasAskedForOnAStalledStackGoesOnWithTheNextOperator() throws Exception {
        // given
        apply("6", "");
        awaitCreate();
        new Stacks(ControlPlane.shared().client(), namespace).cancel("slow-1");
        scenario.awaitNotReady("slow", "Cancelled");
        assertThat(scenario.condition("slow", Condition.STALLED).status()).isEqualTo(Condition.TRUE);
        scenario.annotate("slow", Requests.RECONCILE, "1");
        await().atMost(Scenario.PATIENCE).until(() -> creates().size() == 2);

        // when
        operator.destroyForcibly().waitFor();
        operator = operator();

        // then
        scenario.awaitReady("slow");
        assertThat(creates()).containsExactlyInAnyOrder("a", "b");
        assertThat(scenario.get("slow").getStatus().failures()).isNull();
        await().untilAsserted(() ->
                assertThat(phases()).containsExactly(Phase.Cancelled, Phase.Interrupted, Phase.Succeeded));
    }

    @Test
    void aDaemonThatARunHasStartedDoesNotOutliveTheRun() throws Exception {
        // given
        daemon = "import os, subprocess\nsubprocess.Popen(['sleep', '300'], start_new_session=True,"
                + " stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n";
        apply("120", "");
        awaitCreate();
        List<ProcessHandle> daemons = daemons();
        assertThat(daemons).hasSize(1);

        // when
        operator.destroyForcibly().waitFor();
        assertThat(daemons).allMatch(ProcessHandle::isAlive);
        operator = operator();
        awaitAskedToStop();
        finishCreates();

        // then it has gone before the next run begins
        await().atMost(Scenario.PATIENCE).until(() -> creates().size() == 2);
        assertThat(daemons).noneMatch(this::lives);

        // and
        scenario.awaitReady("slow");
        await().until(() -> daemons().isEmpty());
    }

    private void awaitAskedToStop() {
        await().atMost(Scenario.PATIENCE)
                .until(
                        () -> scenario.awaitNotReady("slow", "Interrupted").message(),
                        message -> message.contains("asked to stop"));
    }

    /** A dead one that nobody has waited for yet counts as alive to a handle. */
    private boolean lives(ProcessHandle process) {
        return new LinuxProcesses().find(process.pid()).isPresent();
    }

    /** What a run of this test has started outside of its session, and which nothing but its environment tells of. */
    private List<ProcessHandle> daemons() {
        LinuxProcesses processes = new LinuxProcesses();
        return processes.all().stream()
                .filter(process -> processes.environment(process.pid()).contains("PULUMI_HOME=" + folder))
                .flatMap(process -> ProcessHandle.of(process.pid()).stream())
                .filter(process -> process.info()
                        .arguments()
                        .filter(a -> List.of(a).equals(List.of("300")))
                        .isPresent())
                .toList();
    }

    @Test
    @Tag("long")
    void aRunThatDiesWithItsOperatorAgainAndAgainIsTriedLessAndLessOften() throws Exception {
        // given a run that took its operator down
        apply("25", "");
        awaitCreate();
        operator.destroyForcibly().waitFor();
        operator = operator();
        await().atMost(Scenario.PATIENCE)
                .until(() -> phases().equals(List.of(Phase.Interrupted, Phase.Running))
                        && creates().size() == 2);
        assertThat(scenario.get("slow").getStatus().failures())
                .as("once can happen to any run")
                .isNull();

        // when
        operator.destroyForcibly().waitFor();
        operator = operator();

        // then
        await().atMost(Scenario.PATIENCE)
                .until(() -> scenario.get("slow").getStatus().failures() != null);
        StackStatus.FailureStatus failures = scenario.get("slow").getStatus().failures();
        assertThat(failures.reason()).isEqualTo("Interrupted");
        assertThat(failures.nextAttemptAt()).isNotNull();
        finishCreates();

        // and
        scenario.awaitReady("slow");
        assertThat(scenario.get("slow").getStatus().failures()).isNull();
        assertThat(creates()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aCreateThatWasCutShortStallsTheStackUntilAPersonSaysWhatBecameOfIt() throws Exception {
        // given
        apply("5", "");
        ProcessHandle command = awaitCreate();
        String item = scenarioItem();

        // when the CLI is killed and its operator lives
        command.destroyForcibly();

        // then its own lock does not keep the next attempt away, and that one does not create anything again
        Condition stalled = scenario.awaitNotReady("slow", "PendingCreates");
        assertThat(stalled.message()).contains("::" + item, "clearPendingCreates", "importPendingCreates");
        assertThat(scenario.condition("slow", Condition.STALLED).status()).isEqualTo(Condition.TRUE);
        assertThat(scenario.locks()).isEmpty();
        assertThat(creates()).containsExactly(item);

        // when
        update("forget", "operation: Refresh, clearPendingCreates: true");

        // then the next Up follows at once
        scenario.awaitReady("slow");
        assertThat(creates()).containsExactlyInAnyOrder("a", "b", item);
    }

    /** The CLI forgets all pending creates when it writes a state. */
    @Test
    @Tag("long")
    void aRemedyThatDoesNotNameAllThatWereCutShortChangesNothing() throws Exception {
        // given
        apply("120", "updates: {parallel: 2}");
        await().atMost(Scenario.PATIENCE).until(() -> creates().size() == 2);
        commands().findFirst().orElseThrow().destroyForcibly();
        String message = scenario.awaitNotReady("slow", "PendingCreates").message();
        String a = found(message, "a");
        String b = found(message, "b");

        // when
        update("one", "operation: Refresh, importPendingCreates: [%s]".formatted(a));

        // then
        await().atMost(Scenario.PATIENCE)
                .untilAsserted(
                        () -> assertThat(named("one").getStatus().phase()).isEqualTo(Phase.Failed));
        assertThat(named("one").getStatus().failure())
                .returns("PendingCreates", UpdateStatus.Failure::reason)
                .satisfies(failure -> assertThat(failure.message())
                        .contains("clearPendingCreates", "::b")
                        .doesNotContain("::a"));
        assertThat(scenario.condition("slow", Condition.STALLED))
                .returns(Condition.TRUE, Condition::status)
                .returns("PendingCreates", Condition::reason);

        // when another Up is asked for
        finishCreates();
        scenario.annotate("slow", Requests.RECONCILE, "1");

        // then both are pending as before
        await().atMost(Scenario.PATIENCE)
                .until(() -> named("3") != null && named("3").getStatus().failure() != null);
        assertThat(named("3").getStatus().failure())
                .returns("PendingCreates", UpdateStatus.Failure::reason)
                .satisfies(failure -> assertThat(failure.message()).contains("::a", "::b"));

        // when
        update("both", "operation: Refresh, importPendingCreates: [%s, %s]".formatted(a, b));

        // then
        scenario.awaitReady("slow");
        assertThat(creates()).containsExactlyInAnyOrder("a", "b");
    }

    /** Until it has been read, nobody knows more of it than what it was to be. */
    @Test
    @Tag("long")
    void whatARemedyCouldNotReadIsReadBeforeTheNextUpGoesOn() throws Exception {
        // given
        apply("5", "");
        awaitCreate().destroyForcibly();
        String item = scenarioItem();
        String found = found(scenario.awaitNotReady("slow", "PendingCreates").message(), item);
        Path unreadable = Files.createFile(folder.resolve("unreadable"));

        // when
        update("found", "operation: Refresh, importPendingCreates: [%s]".formatted(found));

        // then it is in the state, as something to be read
        await().atMost(Scenario.PATIENCE)
                .untilAsserted(
                        () -> assertThat(named("found").getStatus().phase()).isEqualTo(Phase.Failed));
        Path state = folder.resolve("state/.pulumi/stacks/python-ledger/slow.json");
        assertThat(state).content().contains("refreshBeforeUpdate").doesNotContain("\"seen\"");

        // when the next Up does not wait for another remedy
        Files.delete(unreadable);
        finishCreates();
        scenario.annotate("slow", Requests.RECONCILE, "1");

        // then
        scenario.awaitReady("slow");
        assertThat(state).content().contains("\"seen\"").doesNotContain("refreshBeforeUpdate");
        assertThat(creates()).containsExactlyInAnyOrder("a", "b");
    }

    /** As an Update takes it, from the message of the Stack. */
    private static String found(String message, String item) {
        Matcher urn = Pattern.compile("urn:pulumi:\\S+::" + item + "\\b").matcher(message);
        assertThat(urn.find()).isTrue();
        return "{urn: \"" + urn.group() + "\", id: " + item + "}";
    }

    private Update named(String name) {
        return ControlPlane.shared()
                .client()
                .resources(Update.class)
                .inNamespace(namespace)
                .withName("slow-" + name)
                .get();
    }

    @Test
    void operatorAndCommandKilledTogether() throws Exception {
        // given
        apply("5", "");
        ProcessHandle command = awaitCreate();
        String item = scenarioItem();
        List<ProcessHandle> providers = command.descendants().toList();

        // when
        operator.destroyForcibly().waitFor();
        command.destroyForcibly();
        operator = operator();

        // then what the command left is killed before the Stack goes on
        scenario.awaitNotReady("slow", "PendingCreates");
        // A dead one that nobody has waited for yet counts as alive to a handle.
        assertThat(providers)
                .noneMatch(process -> new LinuxProcesses().find(process.pid()).isPresent());
        assertThat(scenario.locks()).isEmpty();
        assertThat(creates()).containsExactly(item);

        // when it is deleted, then that stalls as well: a destroy would leave the resource behind
        scenario.delete("slow");
        await().atMost(Scenario.PATIENCE)
                .untilAsserted(() -> assertThat(scenario.condition("slow", Condition.STALLED))
                        .returns(Condition.TRUE, Condition::status)
                        .returns("PendingCreates", Condition::reason));

        // when what will never run stands before the remedy
        update("look", "operation: Preview");
        update("forget", "operation: Refresh, clearPendingCreates: true");

        // then
        scenario.awaitGone("slow");
        assertThat(scenario.inBackend("python-ledger", "slow")).isFalse();
        assertThat(named("look").getStatus().phase()).isEqualTo(Phase.Cancelled);
    }

    /** Nobody else looks at its Update, whose finalizer would keep the namespace for ever. */
    @Test
    void aRunThatDiedWithItsOperatorIsEndedThoughItsStackWasLetGoByForceMeanwhile() throws Exception {
        // given
        apply("120", "");
        ProcessHandle command = awaitCreate();

        // when its Stack goes, and the garbage collector takes what belonged to it
        operator.destroyForcibly().waitFor();
        scenario.delete("slow");
        scenario.patch("slow", "{\"metadata\": {\"finalizers\": null}}");
        ControlPlane.shared().client().resource(named("1")).delete();
        operator = operator();

        // then it stays for as long as its command lives
        await().atMost(Scenario.PATIENCE)
                .untilAsserted(() -> assertThat(folder.resolve("operator.log"))
                        .content()
                        .contains("an interrupted run has processes"));
        await().during(5, TimeUnit.SECONDS)
                .until(() -> lives(command) && named("1").getStatus().phase() == Phase.Running);
        finishCreates();

        // and no longer
        await().atMost(Scenario.PATIENCE)
                .untilAsserted(() -> assertThat(named("1")).isNull());
        assertThat(lives(command)).isFalse();
    }

    @Test
    void clearForgetsAndGoesOn() throws Exception {
        // given
        apply("5", "updates: {parallel: 1, onPendingCreate: Clear}");
        ProcessHandle command = awaitCreate();
        String item = scenarioItem();

        // when
        command.destroyForcibly();

        // then
        scenario.awaitReady("slow");
        assertThat(creates()).containsExactlyInAnyOrder("a", "b", item);
        assertThat(scenario.updates("slow").getLast().getStatus().run().diagnostics())
                .anySatisfy(said -> assertThat(said.message()).contains("Clear", "::" + item));
    }

    @Test
    void aForeignLockIsNeverTouchedUntilAPersonNamesIt() throws Exception {
        // given two locks of processes that nothing is known of, one of them torn
        String id = UUID.randomUUID().toString();
        String torn = UUID.randomUUID().toString();
        Path locks = Files.createDirectories(folder.resolve("state/.pulumi/locks/organization/python-ledger/slow"));
        Files.writeString(
                locks.resolve(id + ".json"),
                "{\"pid\":7,\"username\":\"ann\",\"hostname\":\"laptop\",\"timestamp\":\"" + Instant.now() + "\"}");
        Files.writeString(locks.resolve(torn + ".json"), "{\"pid\":7,");

        // when
        apply("0", "");

        // then
        Condition locked = scenario.awaitNotReady("slow", "Locked");
        assertThat(locked.message())
                .contains("ann@laptop (pid 7) since", "stackwright.io/unlock=" + id)
                .contains(torn + ".json", "stackwright.io/unlock=" + torn);
        assertThat(scenario.locks()).hasSize(2);

        // when
        scenario.annotate("slow", Requests.UNLOCK, id);

        // then exactly that one is gone
        await().atMost(Scenario.PATIENCE).until(() -> scenario.locks().size() == 1);
        assertThat(scenario.locks().getFirst()).hasFileName(torn + ".json");

        // when
        scenario.annotate("slow", Requests.UNLOCK, torn);

        // then
        scenario.awaitReady("slow");
        assertThat(scenario.get("slow").getStatus().handled()).containsEntry(Requests.UNLOCK, torn);
        assertThat(creates()).containsExactlyInAnyOrder("a", "b");
    }

    /** Two items, one after the other, each of which takes its time. */
    private void apply(String seconds, String more) {
        Map<String, String> program = Scenario.program("python-ledger");
        program.remove("lib/titles.py");
        program.computeIfPresent(
                "ledger.py",
                (name, text) -> text.replace(
                                "time.sleep(float(props[\"seconds\"]))", """
                                    end = time.time() + float(props["seconds"])
                                            while time.time() < end and not __import__("os").path.exists("%s"):
                                                time.sleep(0.05)\
                                    """.formatted(folder.resolve("finish")))
                        .replace("import CreateResult,", "import CreateResult, ReadResult,")
                        .replace("    def update(", """
                                def read(self, id, props):
                                    if __import__("os").path.exists("%s"):
                                        raise ValueError("it cannot be read now")
                                    return ReadResult(id, {**props, "seen": "yes"})

                                def update(\
                            """.formatted(folder.resolve("unreadable"))));
        assertThat(program.get("ledger.py")).contains("while time.time() < end");
        program.put(
                "__main__.py",
                daemon + program.get("__main__.py").replace("from lib.titles import title", "title = str.upper"));
        scenario.configMap("slow", program);
        scenario.apply("slow", """
            project: {configMap: {name: slow}, install: Never}
            config: {ledger: "%s", seconds: "%s"}
            %s
            """.formatted(
                        folder.resolve("ledger"), seconds, more.isEmpty() ? "updates: {parallel: 1}" : more));
    }

    /** However long they were to take: those that are on their way, and all that follow. */
    private void finishCreates() throws IOException {
        Files.createFile(folder.resolve("finish"));
    }

    private void update(String name, String spec) {
        Update update = Serialization.unmarshal(
                "apiVersion: stackwright.io/v1alpha1\nkind: Update\nmetadata: {name: slow-" + name
                        + "}\nspec: {stack: slow, " + spec + "}",
                Update.class);
        ControlPlane.shared().client().resource(update).inNamespace(namespace).create();
    }

    /** Waits until the first create is on its way; returns the CLI that does it. */
    private ProcessHandle awaitCreate() {
        await().atMost(Scenario.PATIENCE).until(() -> !ledger().isEmpty());
        return commands().findFirst().orElseThrow();
    }

    /** The item that is being created. */
    private String scenarioItem() {
        return ledger().getFirst().split(" ")[1];
    }

    private List<String> creates() {
        return ledger().stream()
                .filter(line -> line.startsWith("create") && line.endsWith("start"))
                .map(line -> line.split(" ")[1])
                .toList();
    }

    private List<String> ledger() {
        return Scenario.ledger(folder.resolve("ledger"));
    }

    private List<Phase> phases() {
        return scenario.updates("slow").stream()
                .map(update -> update.getStatus().phase())
                .toList();
    }

    /** Pulumi commands that run on this test's data. */
    private Stream<ProcessHandle> commands() {
        return ProcessHandle.allProcesses().filter(process -> {
            Optional<String[]> arguments = process.info().arguments();
            return process.info().command().filter(c -> c.endsWith("/pulumi")).isPresent()
                    && arguments
                            .filter(a -> String.join(" ", a).contains(folder.toString()))
                            .isPresent();
        });
    }

    private Process operator() throws IOException, InterruptedException {
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
        builder.environment().putAll(PythonPulumi.on(RunningOperator.environment()));
        builder.environment()
                .put("KUBECONFIG", ControlPlane.shared().kubeconfig().toString());
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("operator.log").toFile()))
                .start();
    }
}
