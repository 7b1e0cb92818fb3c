package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs as people see and ask for them: history, requests, how runs are done. */
@Tag("both-modes-long")
class StackUpdatesIT {

    private static final String HELLO = """
        project:
          inline:
            name: updates
            runtime: yaml
            config: {greeting: {type: string, default: hi}}
            resources:
              one: {type: "pulumi:index:Stash", properties: {input: "${greeting}"}}
              two: {type: "pulumi:index:Stash", properties: {input: "${greeting}"}}
            outputs: {out: "${one.input}"}
        updates: {retry: {initial: 1s, max: 2s}}
        """;

    @TempDir
    private static Path folder;

    private static RecordedPulumi pulumi;
    private static RunningOperator operator;
    private static Stacks stacks;

    @BeforeAll
    static void startOperator() {
        pulumi = RecordedPulumi.in(folder);
        operator = RunningOperator.start(folder.resolve("data"), RunningOperator.pulumi(pulumi.command()));
        stacks = new Stacks(operator);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @AfterEach
    void letGo() {
        pulumi.release();
    }

    @Test
    void historyIsPrunedToItsLimitAndNeverBelowWhatCounts() {
        // given
        stacks.create("history", HELLO + "historyLimit: 2");
        stacks.awaitReady("history");

        // when
        for (int i = 0; i < 4; i++) {
            greet("history", "greeting " + i);
            stacks.awaitReady("history");
        }

        // then
        patiently().untilAsserted(() -> assertThat(names("history")).containsExactly("history-4", "history-5"));

        // when what is applied gets old
        for (int i = 0; i < 3; i++) {
            stacks.createUpdate("history-preview-" + i, "{stack: history, operation: Preview}");
            stacks.awaitPhase("history-preview-" + i, Phase.Succeeded);
        }

        // then it stays
        patiently()
                .untilAsserted(() -> assertThat(names("history"))
                        .containsExactlyInAnyOrder("history-5", "history-preview-1", "history-preview-2"));
        assertThat(stacks.status("history").applied().update()).isEqualTo("history-5");
    }

    /** In a Job the log is its pod's. */
    @Tag("embedded-only")
    @Test
    void theLogOfAnUpdateThatAPersonDeletesGoesWithTheNextRun() {
        // given
        stacks.create("logged", HELLO);
        stacks.awaitReady("logged");
        Path first = Path.of(stacks.update("logged-1").getStatus().run().log());
        assertThat(first).exists();
        operator.client().resource(stacks.update("logged-1")).delete();
        patiently().until(() -> stacks.update("logged-1") == null);

        // when
        greet("logged", "hello");
        stacks.awaitReady("logged");

        // then
        patiently().until(() -> !Files.exists(first));
        assertThat(Path.of(stacks.update("logged-2").getStatus().run().log())).exists();
    }

    @Tag("both-modes")
    @Test
    void anUpdateThatRunsIsKeptUntilItsEndIsRecorded() {
        // given
        stacks.create("running", HELLO);
        stacks.awaitReady("running");
        pulumi.hold();
        greet("running", "hello");
        Update update = stacks.awaitPhase("running-2", Phase.Running);

        // when
        operator.client().resource(update).delete();

        // then
        throughout().until(() -> stacks.update("running-2") != null);

        // when
        pulumi.release();

        // then
        patiently().until(() -> stacks.update("running-2") == null);
        assertThat(stacks.awaitReady("running").getStatus().outputs().get("out"))
                .hasToString("\"hello\"");
        assertThat(stacks.status("running").applied().update()).isEqualTo("running-2");
        throughout().until(() -> stacks.updates("running").size() == 1);
    }

    /** Should the record of the run be lost, the way back to what was applied before must not look like nothing to do. */
    @Test
    void whatIsAppliedIsInDoubtWhileAnUpRuns() {
        // given
        stacks.create("doubted", HELLO);
        stacks.awaitReady("doubted");
        assertThat(stacks.status("doubted").applied().fingerprint()).isNotNull();
        pulumi.hold();

        // when
        greet("doubted", "hello");
        stacks.awaitPhase("doubted-2", Phase.Running);

        // then
        assertThat(stacks.status("doubted").applied().update()).isEqualTo("doubted-1");
        assertThat(stacks.status("doubted").applied().fingerprint()).isNull();

        // when
        pulumi.release();

        // then
        stacks.awaitReady("doubted");
        assertThat(stacks.status("doubted").applied().update()).isEqualTo("doubted-2");
        assertThat(stacks.status("doubted").applied().fingerprint()).isNotNull();
    }

    @Test
    void howRunsAreDoneReachesTheCommandLine() {
        // when
        stacks.create(
                "options",
                HELLO.replace("updates: {", "updates: {refresh: true, parallel: 3, continueOnError: true, "));
        stacks.awaitReady("options");

        // then
        assertThat(pulumi.calls().stream()
                        .filter(call -> call.arguments().contains("organization/updates/options"))
                        .filter(call -> call.command().equals("up"))
                        .findFirst()
                        .orElseThrow()
                        .arguments())
                .anyMatch(argument -> argument.equals("--refresh") || argument.equals("--refresh=true"))
                .containsSequence("--parallel", "3")
                .contains("--continue-on-error");

        // when they change alone, nothing is to be run
        int calls = pulumi.commands("options").size();
        stacks.patch("options", "{\"spec\": {\"updates\": {\"parallel\": 4}}}");
        stacks.awaitReady("options");
        throughout().until(() -> pulumi.commands("options").size() == calls);
    }

    @Test
    void tagsAreSetChangedAndRemoved() {
        // given
        stacks.create("tagged", HELLO + "tags: {team: shop, stage: test}");
        stacks.awaitReady("tagged");
        Cli cli = Cli.in(folder.resolve("bare"), operator.state(), "any");
        assertThat(cli.tags("organization/updates/tagged"))
                .containsEntry("team", "shop")
                .containsEntry("stage", "test")
                .containsKey("stackwright:owner");

        // when
        stacks.patch("tagged", "{\"spec\": {\"tags\": {\"team\": \"cart\", \"stage\": null}}}");

        // then
        patiently()
                .untilAsserted(() -> assertThat(cli.tags("organization/updates/tagged"))
                        .containsEntry("team", "cart")
                        .doesNotContainKey("stage"));
        stacks.awaitReady("tagged");
        assertThat(stacks.status("tagged").applied().tags()).isEqualTo(Map.of("team", "cart"));
        assertThat(pulumi.commands("tagged")).endsWith("stack tag set", "stack tag rm", "up");
    }

    @Test
    void tagsThatAFailedUpHasSetAreNotForgotten() {
        // given
        stacks.create("retagged", HELLO + "tags: {team: shop}");
        stacks.awaitReady("retagged");
        Cli cli = Cli.in(folder.resolve("bare"), operator.state(), "any");

        // when an up sets others, and then fails
        stacks.patch(
                "retagged",
                "{\"spec\": {\"tags\": {\"team\": \"cart\", \"cost\": \"x\"}, \"project\": {\"inline\":"
                        + " {\"outputs\": {\"out\": \"${missing}\"}}}}}");
        stacks.awaitInProgress("retagged", Reason.UpdateFailed);

        // then
        assertThat(cli.tags("organization/updates/retagged"))
                .containsEntry("team", "cart")
                .containsEntry("cost", "x");
        assertThat(stacks.status("retagged").tagsInDoubt()).containsExactly("cost", "team");

        // when
        stacks.patch(
                "retagged",
                "{\"spec\": {\"tags\": {\"team\": \"shop\", \"cost\": null}, \"project\": {\"inline\":"
                        + " {\"outputs\": {\"out\": \"${one.input}\"}}}}}");

        // then
        patiently()
                .untilAsserted(() -> assertThat(cli.tags("organization/updates/retagged"))
                        .containsEntry("team", "shop")
                        .doesNotContainKey("cost"));
        stacks.awaitReady("retagged");
        assertThat(stacks.status("retagged").applied().tags()).isEqualTo(Map.of("team", "shop"));
        assertThat(stacks.status("retagged").tagsInDoubt()).isNull();
    }

    @Test
    void aSuspendedStackRestsAndGoesOnLater() {
        // given
        stacks.create("rests", HELLO);
        stacks.awaitReady("rests");

        // when
        stacks.patch("rests", "{\"spec\": {\"suspend\": true}}");

        // then
        stacks.awaitReady("rests");

        // when
        greet("rests", "later");
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("rests")
                                .condition(Condition.READY)
                                .orElseThrow()
                                .reason())
                        .isEqualTo(Reason.Suspended.name()));
        int calls = pulumi.commands("rests").size();
        stacks.annotate("rests", "stackwright.io/reconcile", "1");

        // then
        throughout().until(() -> pulumi.commands("rests").size() == calls);
        assertThat(Stacks.Kstatus.of(stacks.get("rests"))).isEqualTo(Stacks.Kstatus.IN_PROGRESS);

        // when
        stacks.patch("rests", "{\"spec\": {\"suspend\": false}}");

        // then
        patiently()
                .untilAsserted(() ->
                        assertThat(stacks.status("rests").outputs().get("out")).hasToString("\"later\""));
        stacks.awaitReady("rests");
    }

    @Test
    void eachNewRequestIsOneUp() {
        // given
        stacks.create("asked", HELLO);
        stacks.awaitReady("asked");

        // when
        stacks.annotate("asked", "stackwright.io/reconcile", "one");

        // then
        patiently().until(() -> stacks.updates("asked").size() == 2);
        stacks.awaitReady("asked");
        assertThat(stacks.status("asked").handled()).containsEntry("stackwright.io/reconcile", "one");
        assertThat(stacks.updates("asked").getLast().getSpec().cause()).isEqualTo(Cause.Requested);

        // when
        stacks.annotate("asked", "reconcile.fluxcd.io/requestedAt", "2026-01-01T00:00:00Z");

        // then
        patiently().until(() -> stacks.updates("asked").size() == 3);
        stacks.awaitReady("asked");
        assertThat(stacks.status("asked").lastHandledReconcileAt()).isEqualTo("2026-01-01T00:00:00Z");

        // when the same values come again
        stacks.annotate("asked", "stackwright.io/reconcile", "one");
        stacks.annotate("asked", "reconcile.fluxcd.io/requestedAt", "2026-01-01T00:00:00Z");

        // then
        throughout().until(() -> stacks.updates("asked").size() == 3);
        patiently()
                .untilAsserted(
                        () -> assertThat(pulumi.commands("asked").stream().filter("up"::equals))
                                .hasSize(3));
    }

    @Test
    void lookingAgainAtWhatIsSettledCostsNothing() {
        // given
        stacks.create("settled", HELLO);
        stacks.awaitReady("settled");
        pulumi.release();
        patiently().until(() -> Stacks.Kstatus.of(stacks.get("settled")) == Stacks.Kstatus.CURRENT);
        // what the end of the last run still writes, Events among it
        long[] last = {-1};
        patiently().pollInterval(java.time.Duration.ofSeconds(1)).until(() -> {
            long before = last[0];
            last[0] = ApiWrites.count(operator.client());
            return last[0] == before;
        });
        int calls = pulumi.calls().size();

        // when
        stacks.patch("settled", "{\"metadata\": {\"labels\": {\"any\": \"thing\"}}}");
        operator.restart(settings -> settings);

        // then: the one write is the label's
        throughout().untilAsserted(() -> {
            assertThat(ApiWrites.count(operator.client())).isEqualTo(last[0] + 1);
            assertThat(pulumi.calls()).hasSize(calls);
        });
        // and the count would have seen one
        stacks.annotate("settled", "any", "thing");
        patiently().until(() -> ApiWrites.count(operator.client()) == last[0] + 2);
    }

    private static void greet(String name, String greeting) {
        stacks.patch(name, "{\"spec\": {\"config\": {\"greeting\": \"" + greeting + "\"}}}");
        patiently()
                .until(() -> stacks.status(name)
                        .observedGeneration()
                        .equals(stacks.get(name).getMetadata().getGeneration()));
    }

    private static List<String> names(String stack) {
        return stacks.updates(stack).stream()
                .map(update -> update.getMetadata().getName())
                .toList();
    }
}
