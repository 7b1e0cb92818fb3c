package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackStatus;
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

    @Test
    void whatHasJustBeenRefusedIsTriedSoon() {
        assertThat(NextLook.due(snapshot(StackStatus.empty()), REFUSED)).contains(Duration.ofSeconds(10));
    }

    private static Snapshot snapshot(StackStatus status) {
        return new Snapshot(
                NOW,
                1,
                Optional.empty(),
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
