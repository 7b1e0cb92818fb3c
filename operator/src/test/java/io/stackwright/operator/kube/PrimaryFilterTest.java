package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.Stack;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PrimaryFilterTest {

    private final PrimaryFilter<Stack> filter = new PrimaryFilter<>();

    @Test
    void aChangedSpecIsSeen() {
        assertThat(accepts(metadata -> metadata.withGeneration(3L))).isTrue();
    }

    @Test
    void ourAnnotationsAreSeenHoweverTheyChange() {
        assertThat(accepts(metadata -> metadata.addToAnnotations("stackwright.io/reconcile", "2")))
                .isTrue();
        assertThat(accepts(metadata -> metadata.addToAnnotations("stackwright.io/unlock", "lock")))
                .isTrue();
        assertThat(accepts(metadata -> metadata.removeFromAnnotations("stackwright.io/reconcile")))
                .isTrue();
        assertThat(accepts(metadata -> metadata.withAnnotations(null))).isTrue();
        assertThat(accepts(metadata -> metadata.addToAnnotations("reconcile.fluxcd.io/requestedAt", "now")))
                .isTrue();
    }

    @Test
    void deletionFinalizersAndAnotherObjectOfTheNameAreSeen() {
        assertThat(accepts(metadata -> metadata.withDeletionTimestamp("2026-01-01T00:00:00Z")))
                .isTrue();
        assertThat(accepts(metadata -> metadata.addToFinalizers("stackwright.io/stack")))
                .isTrue();
        assertThat(accepts(metadata -> metadata.withUid("other"))).isTrue();
    }

    @Test
    void writesOfStatusLabelsAndOtherPeoplesAnnotationsAreNot() {
        assertThat(accepts(metadata -> metadata.withResourceVersion("2"))).isFalse();
        assertThat(accepts(metadata -> metadata.addToLabels("a", "b"))).isFalse();
        assertThat(accepts(metadata -> metadata.addToAnnotations("reconcile.fluxcd.io/other", "x")))
                .isFalse();
        assertThat(accepts(metadata -> metadata.addToAnnotations("example.com/stackwright.io", "x")))
                .isFalse();
    }

    private boolean accepts(UnaryOperator<ObjectMetaBuilder> change) {
        return filter.accept(stack(change), stack(UnaryOperator.identity()));
    }

    private static Stack stack(UnaryOperator<ObjectMetaBuilder> change) {
        Stack stack = new Stack();
        stack.setMetadata(change.apply(new ObjectMetaBuilder()
                        .withName("shop")
                        .withUid("uid")
                        .withGeneration(2L)
                        .withResourceVersion("1")
                        .addToAnnotations("stackwright.io/reconcile", "1"))
                .build());
        return stack;
    }
}
