package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackSpec;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.execution.RunOutcome;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is still known of a Stack, and what leads it on, when of the end of a run not all is known. */
class RunEndsTest {

    private static final RunStatus.Result CUT_SHORT = RunStatus.Result.Interrupted;
    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final StackStatus.AppliedStatus APPLIED =
            new StackStatus.AppliedStatus("r", "f", "k", 3L, "shop-0", "t", null, "3.250.0");

    private final RunEnds ends = new RunEnds(
            new OutcomeRecorder(() -> 0.5),
            new OutputsStep(null, Clock.fixed(NOW, ZoneOffset.UTC)),
            null,
            null,
            null,
            new Footing("k", "3.250.0"),
            Clock.fixed(NOW, ZoneOffset.UTC),
            false);
    private final Stack stack = new Stack();
    private final StatusDraft draft = new StatusDraft(null);

    @BeforeEach
    void threeResources() {
        stack.setMetadata(new ObjectMetaBuilder()
                .withName("shop")
                .withUid("u")
                .withGeneration(3L)
                .build());
        draft.resources(3);
    }

    private static Stream<Runs.Standing> cutShort() {
        Runs.Standing ended = new Runs.Standing.Ended(new RunOutcome(
                CUT_SHORT,
                Optional.<Failure>empty(),
                Optional.of(false),
                Optional.empty(),
                OptionalInt.empty(),
                Map.of()));
        return Stream.of(ended, new Runs.Standing.Reported(CUT_SHORT), new Runs.Standing.Interrupted());
    }

    static Stream<Arguments> uncounted() {
        return cutShort()
                .flatMap(standing -> Stream.of(Operation.Up, Operation.Refresh, Operation.Preview)
                        .map(operation -> Arguments.of(standing, operation)));
    }

    @ParameterizedTest
    @MethodSource("uncounted")
    void aRunThatWasCutShortLeavesTheCountInDoubtUnlessItChangesNothing(Runs.Standing standing, Operation operation) {
        // given
        draft.current(new StackStatus.CurrentStatus("shop-1", operation, 3L, "r", "f", null, "t", null));

        // when
        ends.record(draft, stack, List.of(new Runs.Taken(atWork(operation), standing)), List.of());

        // then
        assertThat(draft.status().current()).isNull();
        assertThat(draft.status().resources()).isEqualTo(operation == Operation.Preview ? 3 : null);
    }

    /** Without the number, a state that got lost would pass for a new one, and everything be created a second time. */
    @ParameterizedTest
    @MethodSource("untold")
    void oneThatWasNotAtAnyResourceYetLeavesTheNumberThatIsKnown(Runs.Standing standing, Operation operation) {
        // when
        end(standing, RunUpdates.claimed(null, operation));

        // then
        assertThat(draft.status().resources()).isEqualTo(operation == Operation.Destroy ? null : 3);

        // given none, which a backend that is made anew has too
        draft.resources(0);

        // when
        end(standing, RunUpdates.claimed(null, operation));

        // then
        assertThat(draft.status().resources()).isNull();
    }

    /** Who runs in a Job's pod may report anything. */
    @Test
    void aReportWithoutNumbersIsNoneOfChanges() {
        // given
        Update update = RunUpdates.claimed(null, Operation.Up);
        RunStatus run = new RunStatus(
                update.getStatus().run().executor(),
                null,
                new RunStatus.Changes(null, null, null, null, null),
                null,
                null,
                null,
                null,
                null,
                null);
        update.setStatus(new UpdateStatus(null, null, null, null, null, null, run));

        // when
        end(new Runs.Standing.Interrupted(), update);

        // then
        assertThat(draft.status().resources()).isEqualTo(3);
    }

    /** A backend that was made anew would pass for one where all is destroyed. */
    @ParameterizedTest
    @MethodSource("cutShort")
    void aLossStandsAgainstTheNextDestroyToo(Runs.Standing standing) {
        // given
        draft.failures(failure("StateMissing", "shop-0", null));

        // when
        end(standing, RunUpdates.claimed(null, Operation.Destroy));

        // then
        assertThat(draft.status().failures()).isEqualTo(failure("StateMissing", "shop-0", null));
    }

    /** Of the last ones an earlier process has known more than it has written down. */
    static Stream<Arguments> untold() {
        return Stream.concat(
                cutShort()
                        .flatMap(standing -> Stream.of(Operation.Up, Operation.Destroy)
                                .map(operation -> Arguments.of(standing, operation))),
                Stream.of(RunStatus.Result.Failed, RunStatus.Result.Succeeded)
                        .map(result -> Arguments.of(new Runs.Standing.Reported(result), Operation.Up)));
    }

    @ParameterizedTest
    @MethodSource("untold")
    void whatHeldTheStackUpBeforeTheRunHoldsUpNoneThatGoesOnWithIt(Runs.Standing standing, Operation operation) {
        for (Instant next : Arrays.asList(null, NOW.plusSeconds(3600))) {
            // given a run that was asked for
            draft.failures(failure("shop-0", next));

            // when
            end(standing, RunUpdates.claimed(null, operation));

            // then the count goes on, for the delays of one that is cut short again and again
            assertThat(draft.status().failures()).isEqualTo(failure("shop-0", NOW));
        }
    }

    @ParameterizedTest
    @MethodSource("untold")
    void whatWasDueAlreadyStaysSo(Runs.Standing standing, Operation operation) {
        // given
        draft.failures(failure("shop-0", NOW.minusSeconds(5)));

        // when
        end(standing, RunUpdates.claimed(null, operation));

        // then
        assertThat(draft.status().failures()).isEqualTo(failure("shop-0", NOW.minusSeconds(5)));
    }

    @ParameterizedTest
    @MethodSource("untold")
    void whatTheRunItselfHasComeToHoldsTheStackUp(Runs.Standing standing, Operation operation) {
        // given its end was written down, but not in its Update
        draft.failures(failure("shop-1", null));
        draft.current(null);

        // when
        ends.record(draft, stack, List.of(new Runs.Taken(RunUpdates.claimed(null, operation), standing)), List.of());

        // then
        assertThat(draft.status().failures()).isEqualTo(failure("shop-1", null));
    }

    @ParameterizedTest
    @MethodSource("uncounted")
    void aRunThatTellsNothingOfTheWholeLeavesAStalledStackAsItIs(Runs.Standing standing, Operation operation) {
        // given
        Update update = RunUpdates.claimed(null, operation);
        if (operation == Operation.Up) {
            update.setSpec(new UpdateSpec("shop", operation, null, null, null, List.of("urn:pulumi:x")));
        }
        draft.failures(failure("shop-0", null));

        // when
        end(standing, update);

        // then
        assertThat(draft.status().failures()).isEqualTo(failure("shop-0", null));
    }

    @ParameterizedTest
    @MethodSource("untold")
    void whatAPersonHasStoppedDoesNotGoOn(Runs.Standing standing, Operation operation) {
        // given
        Update update = RunUpdates.claimed(null, operation);
        update.getMetadata().setAnnotations(Map.of(Requests.CANCEL, "true"));
        draft.failures(failure("shop-0", null));

        // when
        end(standing, update);

        // then
        assertThat(draft.status().failures().nextAttemptAt()).isNull();
    }

    @ParameterizedTest
    @MethodSource("cutShort")
    void whatIsCutShortAgainAndAgainIsDelayedAllTheSame(Runs.Standing standing) {
        // given
        Update before = RunUpdates.claimed(Phase.Interrupted, Operation.Up);
        before.getMetadata().setUid("shop-0");
        draft.failures(failure("shop-0", NOW));
        Update update = RunUpdates.claimed(null, Operation.Up);
        draft.current(new StackStatus.CurrentStatus("shop-1", Operation.Up, 3L, "r", "f", null, "t", null));

        // when
        ends.record(draft, stack, List.of(new Runs.Taken(update, standing)), List.of(before, update));

        // then
        boolean stoppedInGoodOrder = standing instanceof Runs.Standing.Reported;
        assertThat(draft.status().failures().count()).isEqualTo(stoppedInGoodOrder ? 2 : 3);
        assertThat(Instant.parse(draft.status().failures().nextAttemptAt()).isAfter(NOW))
                .isEqualTo(!stoppedInGoodOrder);
    }

    /** What a targeted up was at is half done, or its outputs are lost; so are those of a refresh. */
    static Stream<Arguments> doubtful() {
        Runs.Standing failed = new Runs.Standing.Ended(
                RunOutcome.failed(new Failure(Failure.Kind.FAILED, Reason.UpdateFailed, "it broke")));
        Stream<Runs.Standing> ended = Stream.concat(cutShort(), Stream.of(failed));
        return Stream.concat(
                Stream.concat(ended, Stream.of(RunStatus.Result.values()).map(Runs.Standing.Reported::new))
                        .map(standing -> Arguments.of(standing, Operation.Up)),
                Stream.of(Arguments.of(new Runs.Standing.Reported(RunStatus.Result.Succeeded), Operation.Refresh)));
    }

    @ParameterizedTest
    @MethodSource("doubtful")
    void whatIsAppliedIsInDoubtAfterAPartOfItThatDidNotComeToAGoodEnd(Runs.Standing standing, Operation operation) {
        // given
        draft.applied(APPLIED);

        // when
        end(standing, part(operation));

        // then an up follows, as after one of the whole
        assertThat(draft.status().applied()).isEqualTo(APPLIED.evidencedBy(null, "k", "3.250.0"));
        assertThat(draft.status().failures()).isNull();
    }

    /** The process that knows how it ended writes that down at once. */
    static Stream<Arguments> told() {
        return doubtful().filter(row -> !(row.get()[0] instanceof Runs.Standing.Ended));
    }

    @ParameterizedTest
    @MethodSource("told")
    void whatIsKnownOfAnEndIsNotDoubtedAgain(Runs.Standing standing, Operation operation) {
        // given all but the Update's own end was written
        draft.applied(APPLIED);

        // when
        ends.record(draft, stack, List.of(new Runs.Taken(part(operation), standing)), List.of());

        // then
        assertThat(draft.status().applied()).isEqualTo(APPLIED);
    }

    static Stream<Arguments> harmless() {
        return Stream.concat(
                cutShort().map(standing -> Arguments.of(standing, Operation.Preview)),
                Stream.of(
                        Arguments.of(new Runs.Standing.Reported(RunStatus.Result.Succeeded), Operation.Preview),
                        Arguments.of(new Runs.Standing.Reported(RunStatus.Result.Failed), Operation.Refresh),
                        Arguments.of(new Runs.Standing.Ended(succeeded()), Operation.Up),
                        Arguments.of(new Runs.Standing.Ended(succeeded()), Operation.Refresh)));
    }

    @ParameterizedTest
    @MethodSource("harmless")
    void whatIsAppliedStaysSoAfterWhatChangesNothingOfIt(Runs.Standing standing, Operation operation) {
        // given
        draft.applied(APPLIED);

        // when
        end(standing, part(operation));

        // then
        assertThat(draft.status().applied()).isEqualTo(APPLIED);
    }

    /** The Secret would go on to have other ones than the stack, and nobody would be told. */
    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"Up", "Refresh"})
    void outputsOfAPartOrARefreshThatCannotBePublishedBringAnUpThatTellsWhy(Operation operation) {
        // given
        draft.applied(APPLIED);
        stack.setSpec(Serialization.unmarshal("outputs: {secret: {keys: {nope: NOPE}}}", StackSpec.class));
        RunOutcome outcome = succeeded(Optional.of(Map.of("url", new OutputValue(TextNode.valueOf("x"), false))));

        // when
        RunEnds.End end = end(new Runs.Standing.Ended(outcome), part(operation));

        // then
        assertThat(draft.status().applied()).isEqualTo(APPLIED.evidencedBy(null, "k", "3.250.0"));
        assertThat(draft.status().failures()).isNull();
        assertThat(end.phase()).isEqualTo(Phase.Succeeded);
        assertThat(end.message()).contains("its outputs are not published", "nope");
    }

    /** The up that the change makes due publishes them, or fails for it. */
    @Test
    void outputsThatTheSpecMapsOnlySinceTheRunAreLeftToTheNextUp() {
        // given a run that is under way while an output comes to the program, and its key to the mapping
        draft.applied(APPLIED.evidencedBy(null, "k", "3.250.0"));
        stack.setSpec(Serialization.unmarshal("outputs: {secret: {keys: {next: NEXT}}}", StackSpec.class));
        stack.getMetadata().setGeneration(4L);
        RunOutcome outcome = succeeded(Optional.of(Map.of("url", new OutputValue(TextNode.valueOf("x"), false))));

        // when
        RunEnds.End end = end(new Runs.Standing.Ended(outcome), RunUpdates.claimed(null, Operation.Up));

        // then
        assertThat(end.phase()).isEqualTo(Phase.Succeeded);
        assertThat(end.message()).contains("its outputs are not published", "next");
        assertThat(draft.status().failures()).isNull();
        assertThat(draft.status().applied().update()).isEqualTo("shop-1");
        assertThat(draft.status().applied().generation()).isEqualTo(3);
        assertThat(draft.status().applied().fingerprint()).isNull();
    }

    private static RunOutcome succeeded() {
        return succeeded(Optional.empty());
    }

    private static RunOutcome succeeded(Optional<Map<String, OutputValue>> outputs) {
        return new RunOutcome(
                RunStatus.Result.Succeeded, Optional.empty(), Optional.of(false), outputs, OptionalInt.of(3), Map.of());
    }

    /** As a person may ask for it. */
    private static Update part(Operation operation) {
        Update update = RunUpdates.claimed(null, operation);
        update.getMetadata().setOwnerReferences(List.of());
        List<String> targets = operation == Operation.Up ? List.of("urn:pulumi:x") : null;
        update.setSpec(new UpdateSpec("shop", operation, null, null, null, targets));
        return update;
    }

    private RunEnds.End end(Runs.Standing standing, Update update) {
        draft.current(
                new StackStatus.CurrentStatus("shop-1", update.getSpec().operation(), 3L, "r", "f", null, "t", null));
        return ends.record(draft, stack, List.of(new Runs.Taken(update, standing)), List.of())
                .getFirst();
    }

    private static Update atWork(Operation operation) {
        Update update = RunUpdates.claimed(null, operation);
        RunStatus.Progress progress = new RunStatus.Progress(0, 0, null, "one (creating)");
        RunStatus run =
                new RunStatus(update.getStatus().run().executor(), progress, null, null, null, null, null, null, null);
        update.setStatus(new UpdateStatus(null, null, null, null, null, null, run));
        return update;
    }

    private static StackStatus.FailureStatus failure(String update, Instant next) {
        return failure("ProtectedResources", update, next);
    }

    private static StackStatus.FailureStatus failure(String reason, String update, Instant next) {
        return new StackStatus.FailureStatus(
                2, reason, "it is so", "f", 3L, update, "s", "t", next == null ? null : next.toString());
    }
}
