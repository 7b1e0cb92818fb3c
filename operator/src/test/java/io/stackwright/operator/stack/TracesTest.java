package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What may be left of a Stack that is deleted and whose status names no Pulumi stack. */
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
}
