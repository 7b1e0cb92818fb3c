package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.RunOutcome;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is still known of a Stack's resources when a run has ended without counting them. */
class RunEndsTest {

    private static final RunStatus.Result CUT_SHORT = RunStatus.Result.Interrupted;

    private final RunEnds ends = new RunEnds(
            new OutcomeRecorder(() -> 0.5),
            new OutputsStep(null),
            null,
            null,
            null,
            new Footing("k", "3.250.0"),
            Clock.systemUTC(),
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

    static Stream<Arguments> uncounted() {
        Runs.Standing ended = new Runs.Standing.Ended(new RunOutcome(
                CUT_SHORT,
                Optional.<Failure>empty(),
                Optional.of(false),
                Optional.empty(),
                OptionalInt.empty(),
                Map.of()));
        return Stream.of(ended, new Runs.Standing.Reported(CUT_SHORT), new Runs.Standing.Interrupted())
                .flatMap(standing -> Stream.of(Operation.Up, Operation.Refresh, Operation.Preview)
                        .map(operation -> Arguments.of(standing, operation)));
    }

    @ParameterizedTest
    @MethodSource("uncounted")
    void aRunThatWasCutShortLeavesTheCountInDoubtUnlessItChangesNothing(Runs.Standing standing, Operation operation) {
        // given
        draft.current(new StackStatus.CurrentStatus("shop-1", operation, 3L, "r", "f", null, "t", null));

        // when
        ends.record(draft, stack, List.of(new Runs.Taken(RunUpdates.claimed(null, operation), standing)), List.of());

        // then
        assertThat(draft.status().current()).isNull();
        assertThat(draft.status().resources()).isEqualTo(operation == Operation.Preview ? 3 : null);
    }
}
