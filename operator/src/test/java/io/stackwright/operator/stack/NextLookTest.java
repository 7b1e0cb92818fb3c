package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.DeletionPolicy;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.stack.decide.Deletion;
import io.stackwright.operator.stack.decide.NextStep;
import io.stackwright.operator.stack.decide.Problem;
import io.stackwright.operator.stack.decide.Snapshot;
import io.stackwright.operator.stack.decide.SourceView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How soon a Stack is looked at again that nobody wakes. */
class NextLookTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final NextStep REFUSED = new NextStep.Await(new Problem(Reason.ApiRefused, "not now"));

    @ParameterizedTest
    @CsvSource({"0, 10", "10, 10", "25, 25", "119, 119", "3600, 120"})
    void whatIsRefusedIsTriedTheMoreSeldomTheLongerItIs(long since, long next) {
        // given
        StatusDraft draft = new StatusDraft(null);
        String then = NOW.minusSeconds(since).toString();
        draft.observed(
                1,
                List.of(new Condition(
                        Condition.READY, Condition.FALSE, 1L, then, Reason.ApiRefused.name(), "not now")));

        // when, then
        assertThat(NextLook.due(snapshot(draft.status()), REFUSED)).contains(Duration.ofSeconds(next));
    }

    /** Ready tells of the deletion alone then. */
    @Test
    void aDeletionThatIsRefusedIsTriedMoreSeldomToo() {
        // given
        StatusDraft draft = new StatusDraft(null);
        String then = NOW.minusSeconds(100).toString();
        draft.observed(
                1,
                List.of(
                        new Condition(Condition.READY, Condition.FALSE, 1L, then, Reason.Deleting.name(), "not now"),
                        new Condition(
                                Condition.RECONCILING, Condition.TRUE, 1L, then, Reason.ApiRefused.name(), "not now")));

        // when, then
        Deletion deletion = new Deletion(DeletionPolicy.Destroy, "u", Optional.empty(), "f", false);
        assertThat(NextLook.due(snapshot(draft.status(), Optional.of(deletion)), REFUSED))
                .contains(Duration.ofSeconds(100));
    }

    @Test
    void theSoonerOfTwoLooksCounts() {
        Optional<Duration> soon = Optional.of(Duration.ofSeconds(1));
        Optional<Duration> late = Optional.of(Duration.ofSeconds(2));
        assertThat(NextLook.sooner(late, soon)).isEqualTo(soon);
        assertThat(NextLook.sooner(Optional.empty(), late)).isEqualTo(late);
        assertThat(NextLook.sooner(Optional.empty(), Optional.empty())).isEmpty();
    }

    @Test
    void whatHasJustBeenRefusedIsTriedSoon() {
        assertThat(NextLook.due(snapshot(StackStatus.empty()), REFUSED)).contains(Duration.ofSeconds(10));
    }

    private static Snapshot snapshot(StackStatus status) {
        return snapshot(status, Optional.empty());
    }

    private static Snapshot snapshot(StackStatus status, Optional<Deletion> deletion) {
        return new Snapshot(
                NOW,
                1,
                deletion,
                false,
                false,
                status,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                SourceView.pending(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                false);
    }
}
