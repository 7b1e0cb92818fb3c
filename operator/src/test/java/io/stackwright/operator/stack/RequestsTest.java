package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Stack;
import org.junit.jupiter.api.Test;

/** Annotations that ask for something: taken up once, but for a word that stays true. */
class RequestsTest {

    @Test
    void aValueThatWasTakenUpAsksForNothingMore() {
        assertThat(Requests.open(stack("{stackwright.io/reconcile: b}", "{stackwright.io/reconcile: a}")))
                .containsOnlyKeys(Requests.RECONCILE);
        assertThat(Requests.open(stack("{stackwright.io/reconcile: a}", "{stackwright.io/reconcile: a}")))
                .isEmpty();
    }

    @Test
    void theWordThatALockIsDeadStaysTrueAndStartsNoFurtherRun() {
        // given a run that took the word up and came to nothing
        Stack stack = stack("{stackwright.io/unlock: 2d8b943b}", "{stackwright.io/unlock: 2d8b943b}");

        // then
        assertThat(Requests.unlock(stack)).contains("2d8b943b");
        assertThat(Requests.open(stack)).isEmpty();
    }

    @Test
    void theWordToCreateAllAnewIsForOneLossOfOneStack() {
        assertThat(recreates(lost("s-2", "s-2/one"))).isTrue();
        // the next loss
        assertThat(recreates(lost("s-4", "s-2/one"))).isFalse();
        // one that a namesake had, whose annotation is still in Git
        assertThat(recreates(lost("s-2", "s-2/other"))).isFalse();
        assertThat(recreates(lost("s-2", "s-2"))).isFalse();
    }

    /** One that never began, or was cut short: it may not even have made the Pulumi stack. */
    @Test
    void theWordToCreateAllAnewHoldsUntilARunHasComeToAnEnd() {
        // given a run that took it up
        Stack stack = lost("s-2", "s-2/one");
        StatusDraft draft = new StatusDraft(stack.getStatus());
        draft.handled(Requests.open(stack));
        stack.setStatus(draft.status());

        // then
        assertThat(Requests.open(stack)).isEmpty();
        assertThat(recreates(stack)).isTrue();

        // when the look that decides on the next run has recorded its end
        draft.failures(null);

        // then
        assertThat(Requests.recreates(stack, draft.status())).isFalse();
    }

    private static boolean recreates(Stack stack) {
        return Requests.recreates(stack, stack.getStatus());
    }

    private static Stack lost(String update, String word) {
        return Serialization.unmarshal("""
            metadata: {name: s, namespace: team, uid: one, annotations: {stackwright.io/recreate: %s}}
            status: {failures: {count: 1, reason: StateMissing, update: %s}}
            """.formatted(word, update), Stack.class);
    }

    private static Stack stack(String annotations, String handled) {
        return Serialization.unmarshal("""
            metadata: {name: s, namespace: team, annotations: %s}
            status: {handled: %s}
            """.formatted(annotations, handled), Stack.class);
    }
}
