package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Updates that people, or controllers of theirs, create. */
@Tag("both-modes-long")
class AdHocUpdatesIT {

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

    @Tag("both-modes")
    @Test
    void aPreviewChangesNothingAndTheStackStaysReady() {
        // given
        stacks.create("previewed", HELLO);
        var before = stacks.awaitReady("previewed").getStatus();
        pulumi.hold();

        // when
        stacks.createUpdate("look", "{stack: previewed, operation: Preview}");

        // then
        stacks.awaitPhase("look", Phase.Running);
        throughout()
                .untilAsserted(() ->
                        assertThat(Stacks.Kstatus.of(stacks.get("previewed"))).isEqualTo(Stacks.Kstatus.CURRENT));
        assertThat(stacks.status("previewed").current().update()).isEqualTo("look");

        // when
        pulumi.release();

        // then
        Update look = stacks.awaitPhase("look", Phase.Succeeded);
        assertThat(look.getStatus().run().changes().same()).isEqualTo(2);
        patiently().until(() -> stacks.status("previewed").current() == null);
        assertThat(stacks.status("previewed").applied()).isEqualTo(before.applied());
        assertThat(stacks.status("previewed").outputs()).isEqualTo(before.outputs());
        assertThat(pulumi.commands("previewed")).endsWith("up", "preview");
        assertThat(kubectl("wait", "--for=condition=Complete", "update/look", "--timeout=30s"))
                .contains("condition met");
    }

    /** A backup brings objects back without their status. */
    @Test
    void aCopyOfOneThatHasRunIsNotRunAgain() {
        // given
        stacks.create("copied", HELLO);
        stacks.awaitReady("copied");
        stacks.createUpdate("once", "{stack: copied, operation: Refresh}");
        Update once = stacks.awaitPhase("once", Phase.Succeeded);
        patiently().until(() -> stacks.status("copied").current() == null);
        List<String> commands = pulumi.commands("copied");
        operator.client().resource(once).delete();

        // when
        Update copy = new Update();
        copy.setMetadata(new ObjectMetaBuilder()
                .withName("once")
                .withNamespace(once.getMetadata().getNamespace())
                .withAnnotations(once.getMetadata().getAnnotations())
                .build());
        copy.setSpec(once.getSpec());
        operator.client().resource(copy).create();

        // then
        Update refused = stacks.awaitPhase("once", Phase.Failed);
        assertThat(refused.getStatus().failure().message()).contains("a copy of an Update that was run before");
        assertThat(pulumi.commands("copied")).isEqualTo(commands);
    }

    @Test
    void aFailingStackMayBePreviewedAndThatSetsNoTags() {
        // given
        stacks.create(
                "failing",
                HELLO.replace("initial: 1s, max: 2s", "initial: 1h, max: 1h")
                                .replace("{out: \"${one.input}\"}", "{out: {\"fn::readFile\": /nowhere}}")
                        + "tags: {team: shop}");
        stacks.awaitInProgress("failing", Reason.UpdateFailed);

        // when
        stacks.createUpdate("examine", "{stack: failing, operation: Preview}");

        // then
        stacks.awaitPhase("examine", Phase.Failed);
        assertThat(pulumi.commands("failing")).endsWith("stack tag set", "up", "preview");
        stacks.awaitInProgress("failing", Reason.UpdateFailed);
        assertThat(stacks.status("failing").failures().update()).isEqualTo("failing-1");
    }

    @Tag("both-modes")
    @Test
    void aRefreshAndATargetedUpDoNotCountAsApplied() {
        // given
        stacks.create("adhoc", HELLO);
        var applied = stacks.awaitReady("adhoc").getStatus().applied();

        // when
        stacks.createUpdate("refresh", "{stack: adhoc, operation: Refresh}");

        // then
        stacks.awaitPhase("refresh", Phase.Succeeded);
        assertThat(pulumi.commands("adhoc")).endsWith("refresh");

        // when
        stacks.createUpdate(
                "target",
                "{stack: adhoc, operation: Up,"
                        + " targets: [\"urn:pulumi:adhoc::updates::pulumi:index:Stash::one\"]}");

        // then
        stacks.awaitPhase("target", Phase.Succeeded);
        assertThat(pulumi.calls().getLast().arguments())
                .contains("up")
                .anyMatch(argument -> argument.contains("urn:pulumi:adhoc::updates::pulumi:index:Stash::one"));
        patiently().until(() -> stacks.status("adhoc").current() == null);
        assertThat(stacks.status("adhoc").applied()).isEqualTo(applied);
        assertThat(stacks.update("target").getSpec().cause()).isNull();
        stacks.awaitReady("adhoc");
    }

    /** It may have left half of what it was at, or a create of which nobody knows. */
    @Test
    void aTargetedUpThatFailsIsFollowedByOneUpOfTheStack() {
        // given
        stacks.create("partial", HELLO);
        stacks.awaitReady("partial");

        // when
        stacks.createUpdate(
                "none-such",
                "{stack: partial, operation: Up,"
                        + " targets: [\"urn:pulumi:partial::updates::pulumi:index:Stash::none\"]}");

        // then
        stacks.awaitPhase("none-such", Phase.Failed);
        Update following = stacks.awaitPhase("partial-2", Phase.Succeeded);
        assertThat(following.getSpec().cause()).isEqualTo(Cause.Retry);
        stacks.awaitReady("partial");
        assertThat(stacks.status("partial").applied().update()).isEqualTo("partial-2");
        throughout().until(() -> stacks.updates("partial").size() == 3);
    }

    @Test
    void anUpdateThatAControllerKeepsForAnObjectOfItsOwnRuns() {
        // given
        stacks.create("owned", HELLO);
        stacks.awaitReady("owned");
        Update update = new Update();
        update.setMetadata(new ObjectMetaBuilder()
                .withName("of-a-workflow")
                .withNamespace(operator.namespace())
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion("argoproj.io/v1alpha1")
                        .withKind("Workflow")
                        .withName("release")
                        .withUid("2b5c1f0e-0000-4000-8000-000000000001")
                        .withController(true)
                        .build())
                .build());
        update.setSpec(new UpdateSpec("owned", Operation.Preview, null, null, null, null));

        // when
        operator.client().resource(update).create();

        // then
        stacks.awaitPhase("of-a-workflow", Phase.Succeeded);
        assertThat(stacks.update("of-a-workflow").getMetadata().getOwnerReferences())
                .hasSize(1);
    }

    @Test
    void aPersonsDestroyIsRefused() {
        // given
        stacks.create("kept", HELLO);
        stacks.awaitReady("kept");
        int calls = pulumi.commands("kept").size();

        // when
        stacks.createUpdate("boom", "{stack: kept, operation: Destroy}");

        // then
        Update refused = stacks.awaitPhase("boom", Phase.Failed);
        assertThat(refused.getStatus().failure().message()).contains("delete the Stack instead");
        assertThat(Stacks.Kstatus.of(refused)).isEqualTo(Stacks.Kstatus.FAILED);
        throughout().until(() -> pulumi.commands("kept").size() == calls);
        stacks.awaitReady("kept");
    }

    /** Each line: name, what the Update says besides, and the field that is named. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "verify | operation: Preview, cause: Verify | spec.cause is Verify",
                "deletion | operation: Up, cause: Deletion | spec.cause is Deletion",
                "revision | operation: Up, revision: main@sha1:abc | spec.revision",
                "fingerprint | operation: Up, cause: Requested, fingerprint: x | spec.fingerprint",
                "restored | operation: Up, cause: SpecChanged, revision: r, fingerprint: x | spec.cause is SpecChanged"
            })
    void theOperatorsWordsInAPersonsUpdateAreRefused(String name, String spec, String field) {
        // given
        String stack = "words-" + name;
        stacks.create(stack, HELLO);
        var before = stacks.awaitReady(stack).getStatus();
        List<String> commands = pulumi.commands(stack);

        // when
        stacks.createUpdate(stack + "-refused", "{stack: " + stack + ", " + spec + "}");

        // then
        Update refused = stacks.awaitPhase(stack + "-refused", Phase.Failed);
        assertThat(refused.getStatus().failure().reason()).isEqualTo(Reason.InvalidSpec.name());
        assertThat(refused.getStatus().failure().message()).startsWith(field).contains("leave it out");
        assertThat(refused.getStatus().run()).isNull();
        assertThat(Stacks.Kstatus.of(refused)).isEqualTo(Stacks.Kstatus.FAILED);
        throughout().until(() -> pulumi.commands(stack).equals(commands));
        assertThat(stacks.status(stack)).isEqualTo(before);
        assertThat(stacks.updates(stack)).hasSize(2);
    }

    @Test
    void anUpdateThatSaysWhatPeopleMaySayRuns() {
        // given
        stacks.create("says", HELLO);
        stacks.awaitReady("says");

        // when
        stacks.createUpdate("says-look", "{stack: says, operation: Preview, cause: Requested}");

        // then
        stacks.awaitPhase("says-look", Phase.Succeeded);
    }

    @Test
    void anUpdateOfAStackThatDoesNotExistSaysSoAndRunsWhenItDoes() {
        // when
        stacks.createUpdate("early", "{stack: unborn, operation: Preview}");

        // then
        patiently().untilAsserted(() -> {
            Update early = stacks.update("early");
            assertThat(early.getStatus()).isNotNull();
            assertThat(early.getStatus().conditions()).isNotNull();
            assertThat(early.getStatus().conditions())
                    .filteredOn(condition -> condition.type().equals(Condition.READY))
                    .singleElement()
                    .satisfies(ready -> {
                        assertThat(ready.status()).isEqualTo(Condition.FALSE);
                        assertThat(ready.reason()).isEqualTo(Reason.StackNotFound.name());
                        assertThat(ready.message()).contains("unborn");
                    });
            assertThat(Stacks.Kstatus.of(early)).isEqualTo(Stacks.Kstatus.IN_PROGRESS);
        });

        // when
        stacks.create("unborn", HELLO);

        // then
        stacks.awaitReady("unborn");
        assertThat(stacks.awaitPhase("early", Phase.Succeeded).getSpec().operation())
                .isEqualTo(Operation.Preview);
    }

    @Test
    void anUpdateThatWaitsSaysSoAndMayBeDeleted() {
        // given
        stacks.create("busy", HELLO);
        stacks.awaitReady("busy");
        pulumi.hold();
        greet("busy", "hello");
        stacks.awaitPhase("busy-2", Phase.Running);

        // when
        stacks.createUpdate("waits", "{stack: busy, operation: Preview}");

        // then
        Update waits = stacks.awaitPhase("waits", Phase.Queued);
        assertThat(Stacks.Kstatus.of(waits)).isEqualTo(Stacks.Kstatus.IN_PROGRESS);

        // when
        operator.client().resource(waits).delete();

        // then
        patiently().until(() -> stacks.update("waits") == null);
        pulumi.release();
        stacks.awaitReady("busy");
        throughout().until(() -> !pulumi.commands("busy").contains("preview"));
    }

    private static String kubectl(String... arguments) {
        return Kubectl.run(operator.namespace(), arguments);
    }

    private static void greet(String name, String greeting) {
        stacks.patch(name, "{\"spec\": {\"config\": {\"greeting\": \"" + greeting + "\"}}}");
        patiently()
                .until(() -> stacks.status(name)
                        .observedGeneration()
                        .equals(stacks.get(name).getMetadata().getGeneration()));
    }
}
