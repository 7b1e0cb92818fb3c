package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are stopped, or left alone, while a provider is in the middle of a create that takes its time. */
@Timeout(600)
@Tag("both-modes-long")
class StoppedRunsIT {

    @TempDir
    private static Path folder;

    private static RunningOperator operator;
    private static Stacks stacks;

    @BeforeAll
    static void startOperator() throws Exception {
        operator = RunningOperator.start(
                folder.resolve("data"), Toolchain.pulumi().toString(), PythonPulumi.on(RunningOperator.environment()));
        stacks = new Stacks(operator);
        Map<String, String> program = Scenario.program("python-ledger");
        program.remove("lib/titles.py");
        program.put(
                "__main__.py", program.get("__main__.py").replace("from lib.titles import title", "title = str.upper"));
        stacks.putConfigMap("ledger", program);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @Tag("both-modes")
    @Test
    void aCancelledUpEndsInGoodOrderAndTheStackWaitsForAPerson() {
        // given
        create("cancelled", "seconds: \"4\"", "parallel: 1");
        awaitLedger("cancelled", 1);
        String first = item("cancelled");

        // when
        stacks.cancel("cancelled-1");

        // then the create is finished and recorded, and the next one was not begun
        Update update = stacks.awaitPhase("cancelled-1", Phase.Cancelled);
        assertThat(update.getStatus().failure().reason()).isEqualTo(Reason.Cancelled.name());
        assertThat(update.getStatus().failure().message()).contains("stopped in good order");
        assertThat(update.getStatus().failure().retryable()).isFalse();
        assertThat(Stacks.Kstatus.of(update)).isEqualTo(Stacks.Kstatus.FAILED);
        assertThat(stacks.awaitStalled("cancelled", Reason.Cancelled).message())
                .contains("good order", "stackwright.io/reconcile");
        assertThat(ledger("cancelled")).containsExactly("create " + first + " start", "create " + first + " end");
        assertSettled("cancelled");

        // when it is asked again of what has ended
        String version = stacks.update("cancelled-1").getMetadata().getResourceVersion();
        operator.restart(settings -> settings);

        // then
        throughout().untilAsserted(() -> {
            assertThat(stacks.updates("cancelled")).hasSize(1);
            assertThat(stacks.update("cancelled-1").getMetadata().getResourceVersion())
                    .isEqualTo(version);
        });
        stacks.awaitStalled("cancelled", Reason.Cancelled);

        // when
        stacks.annotate("cancelled", Requests.RECONCILE, "1");

        // then
        stacks.awaitReady("cancelled");
        assertThat(ledger("cancelled")).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void anUpThatDoesNotStopIsKilledAndTheUpdateSaysSo() {
        // given
        create("killed", "seconds: \"60\"", "grace: 1s");
        awaitLedger("killed", 1);

        // when
        stacks.cancel("killed-1");

        // then
        Update update = stacks.awaitPhase("killed-1", Phase.Cancelled);
        assertThat(update.getStatus().failure().message())
                .contains("did not stop in time and was killed")
                .doesNotContain("good order");
        stacks.awaitStalled("killed", Reason.Cancelled);

        // when it is to go on, what the kill has left is met
        stacks.annotate("killed", Requests.RECONCILE, "1");

        // then
        stacks.awaitStalled("killed", Reason.PendingCreates);
        assertThat(ledger("killed")).noneMatch(line -> line.contains("end"));
    }

    @Test
    void aTimeoutIsToldAndTriedAgain() {
        // when the one create takes longer than the timeout
        create("timed-out", "seconds: \"12\", items: \"a=1\"", "timeout: 8s, grace: 2m, retry: {initial: 1s, max: 1s}");

        // then
        Update update = stacks.awaitPhase("timed-out-1", Phase.Failed);
        assertThat(update.getStatus().failure().reason()).isEqualTo(Reason.TimedOut.name());
        assertThat(update.getStatus().failure().message()).contains("longer than its timeout", "good order");
        assertThat(update.getStatus().failure().retryable()).isTrue();
        Stacks.patiently()
                .untilAsserted(() -> assertThat(stacks.updates("timed-out")).hasSizeGreaterThan(1));

        // when it has the time that a busy machine takes
        stacks.patch("timed-out", "{\"spec\": {\"updates\": {\"timeout\": \"5m\"}}}");

        // then
        stacks.awaitReady("timed-out");
        assertThat(ledger("timed-out")).containsExactly("create a start", "create a end");
        assertSettled("timed-out");
    }

    @Test
    void anUpThatIsNoLongerWantedGivesWayAtOnce() {
        // given
        create("superseded", "seconds: \"4\"", "parallel: 1, onSpecChangeWhileRunning: Cancel");
        awaitLedger("superseded", 1);
        String first = item("superseded");

        // when
        stacks.patch(
                "superseded", "{\"spec\": {\"config\": {\"items\": \"" + first + "=1,c=1\", \"seconds\": \"0\"}}}");

        // then
        Update old = stacks.awaitPhase("superseded-1", Phase.Cancelled);
        assertThat(old.getStatus().failure().reason()).isEqualTo(Reason.Superseded.name());
        assertThat(old.getStatus().failure().message())
                .contains("no longer what is wanted", "onSpecChangeWhileRunning", "good order");
        stacks.awaitReady("superseded");
        assertThat(stacks.status("superseded").failures()).isNull();
        assertThat(ledger("superseded"))
                .containsExactly(
                        "create " + first + " start", "create " + first + " end", "create c start", "create c end");
        assertThat(stacks.events("superseded", event -> event.getReason().equals(Reason.Cancelled.name())))
                .isEmpty();
    }

    @Test
    void anUpWhoseInputsChangeComesToItsEndBeforeAnotherOneRuns() {
        // given
        create("patient", "seconds: \"4\"", "parallel: 1");
        awaitLedger("patient", 1);

        // when
        stacks.patch("patient", "{\"spec\": {\"config\": {\"items\": \"c=1\", \"seconds\": \"0\"}}}");

        // then all that the first one was to create is there before the second one takes it away again
        stacks.awaitPhase("patient-1", Phase.Succeeded);
        stacks.awaitReady("patient");
        assertThat(stacks.updates("patient"))
                .extracting(update -> update.getStatus().phase())
                .containsExactly(Phase.Succeeded, Phase.Succeeded);
        assertThat(ledger("patient").subList(0, 4))
                .containsExactlyInAnyOrder("create a start", "create a end", "create b start", "create b end");
        assertThat(ledger("patient")).contains("create c end", "delete a end", "delete b end");
    }

    @Test
    void aSuspendedStackFinishesWhatRunsAndRests() {
        // given
        create("suspended", "seconds: \"4\"", "parallel: 1");
        awaitLedger("suspended", 1);

        // when
        stacks.patch("suspended", "{\"spec\": {\"suspend\": true, \"config\": {\"items\": \"z=1\"}}}");

        // then
        stacks.awaitPhase("suspended-1", Phase.Succeeded);
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("suspended")
                                .condition(Condition.READY)
                                .orElseThrow()
                                .reason())
                        .isEqualTo(Reason.Suspended.name()));
        throughout().until(() -> stacks.updates("suspended").size() == 1);
        assertThat(ledger("suspended")).hasSize(4).noneMatch(line -> line.contains("z"));
    }

    @Test
    void aDestroyThatFailsIsTriedAgainUntilItsCauseIsRepaired() {
        // given
        create("failing", "seconds: \"0\"", "retry: {initial: 1s, max: 1s}");
        stacks.awaitReady("failing");
        Path home = folder.resolve("failing");
        assertThat(home.toFile().renameTo(folder.resolve("failing-away").toFile()))
                .isTrue();

        // when
        stacks.delete("failing");

        // then
        patiently()
                .until(() -> stacks.status("failing").failures() != null
                        && stacks.status("failing").failures().count() >= 2);
        assertThat(stacks.status("failing").failures().reason()).isEqualTo(Reason.DestroyFailed.name());
        assertThat(stacks.status("failing").condition(Condition.STALLED)).isEmpty();
        // between two attempts
        String uid = stacks.get("failing").getMetadata().getUid();
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("failing")
                                .condition(Condition.READY)
                                .orElseThrow()
                                .message())
                        .contains("stackwright.io/abandon=" + uid));

        // when
        assertThat(folder.resolve("failing-away").toFile().renameTo(home.toFile()))
                .isTrue();

        // then
        stacks.awaitGone("failing");
        assertThat(ledger("failing")).contains("delete a end", "delete b end");
        assertThat(state("failing")).doesNotExist();
    }

    private static void create(String name, String config, String updates) {
        folder.resolve(name).toFile().mkdirs();
        stacks.create(name, """
            project: {configMap: {name: ledger}, install: Never}
            config: {ledger: "%s", %s}
            updates: {%s}
            """.formatted(folder.resolve(name).resolve("ledger"), config, updates));
    }

    private static void awaitLedger(String name, int lines) {
        patiently().until(() -> ledger(name).size() >= lines);
    }

    private static List<String> ledger(String name) {
        return Scenario.ledger(folder.resolve(name).resolve("ledger"));
    }

    private static String item(String name) {
        return ledger(name).getFirst().split(" ")[1];
    }

    private static Path state(String name) {
        return operator.state().resolve(".pulumi/stacks/python-ledger/" + name + ".json");
    }

    private static void assertSettled(String name) {
        Scenario scenario = new Scenario(operator);
        assertThat(scenario.state("python-ledger", name).path("pending_operations"))
                .isEmpty();
        assertThat(operator.state().resolve(".pulumi/locks/organization/python-ledger/" + name))
                .isEmptyDirectory();
    }
}
