package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the Updates of a Stack tell: what may be left of it, and whether its runs are cut short in a row. */
class TracesTest {

    private final Stack stack = new Stack();
    private final StatusDraft lost = new StatusDraft(StackStatus.empty());

    @BeforeEach
    void name() {
        stack.setMetadata(new ObjectMetaBuilder().withName("shop").withUid("u").build());
    }

    @Test
    void anUpMayHaveLeftSomething() {
        assertThat(Traces.exist(
                        stack, lost.status(), List.of(RunUpdates.claimed(Phase.Succeeded, Operation.Up)), List.of()))
                .contains(true);
    }

    @Test
    void aDestroyHasLeftNothing() {
        assertThat(Traces.exist(
                        stack,
                        lost.status(),
                        List.of(RunUpdates.claimed(Phase.Succeeded, Operation.Destroy)),
                        List.of()))
                .contains(false);
    }

    @Test
    void withoutUpdatesNothingTells() {
        assertThat(Traces.exist(stack, lost.status(), List.of(), List.of())).isEmpty();
    }

    /** The Update of a destroy may vanish with its namespace before all else of the Stack has. */
    @Test
    void aStatusThatCountsNoResourcesAnyMoreTellsOfTheDestroy() {
        // given
        lost.resources(0);

        // then
        assertThat(Traces.exist(stack, lost.status(), List.of(), List.of())).contains(false);
        assertThat(Traces.exist(
                        stack, lost.status(), List.of(RunUpdates.claimed(Phase.Succeeded, Operation.Up)), List.of()))
                .contains(false);
    }

    @Test
    void whatWasCutShortWithTheSameInputsJustBeforeWasCutShortTwice() {
        // given
        Update up = RunUpdates.claimed(null, Operation.Up);

        // then
        assertThat(Traces.diedBefore(stack, up, List.of(before(Phase.Interrupted, Operation.Up, "f"), up)))
                .isTrue();
        assertThat(Traces.diedBefore(stack, up, List.of(before(Phase.Interrupted, Operation.Up, "other"), up)))
                .isFalse();
        assertThat(Traces.diedBefore(stack, up, List.of(before(Phase.Failed, Operation.Up, "f"), up)))
                .isFalse();
        assertThat(Traces.diedBefore(stack, up, List.of(up))).isFalse();
    }

    /** It has the fingerprint of the up that may follow, and takes an operator down on its own. */
    @Test
    void aVerificationThatIsCutShortTwiceIsToo() {
        // given
        Update verification = RunUpdates.claimed(null, Operation.Preview);
        verification.setSpec(new UpdateSpec("shop", Operation.Preview, Cause.Verify, "r", "f", null));
        Update before = before(Phase.Interrupted, Operation.Preview, "f");
        before.setSpec(verification.getSpec());
        Update up = RunUpdates.claimed(null, Operation.Up);

        // then
        assertThat(Traces.diedBefore(stack, verification, List.of(before, verification)))
                .isTrue();
        assertThat(Traces.diedBefore(stack, up, List.of(before, up))).isFalse();
        assertThat(Traces.diedBefore(
                        stack, verification, List.of(before(Phase.Interrupted, Operation.Up, "f"), verification)))
                .isFalse();

        // and it has left nothing
        assertThat(Traces.exist(stack, lost.status(), List.of(before), List.of()))
                .isEmpty();
    }

    /** What a person looks at meanwhile tells nothing of what the operator tries. */
    @Test
    void aPersonsPreviewStandsBetweenNoTwoRuns() {
        // given
        Update up = RunUpdates.claimed(null, Operation.Up);
        Update look = before(Phase.Succeeded, Operation.Preview, null);
        look.getMetadata().setOwnerReferences(List.of());
        look.getMetadata().setUid("look");
        look.getMetadata().setCreationTimestamp("2025-12-31T12:00:00Z");

        // then
        assertThat(Traces.diedBefore(stack, up, List.of(before(Phase.Interrupted, Operation.Up, "f"), look, up)))
                .isTrue();
    }

    private static Update before(Phase phase, Operation operation, String fingerprint) {
        Update update = RunUpdates.claimed(phase, operation);
        update.getMetadata().setUid("shop-0");
        update.getMetadata().setCreationTimestamp("2025-12-31T00:00:00Z");
        update.setSpec(new UpdateSpec("shop", operation, Cause.SpecChanged, "r", fingerprint, null));
        return update;
    }
}
