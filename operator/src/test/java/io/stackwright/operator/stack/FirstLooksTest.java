package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.Stack;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A Stack's first look after a start is ahead until it begins. */
class FirstLooksTest {

    private final FirstLooks looks = new FirstLooks();

    @Test
    void isAheadUntilItBegins() {
        // given
        looks.begin(stack("looked-at"));

        // then
        assertThat(looks.isAhead(stack("looked-at"))).isFalse();
        assertThat(looks.isAhead(stack("waits"))).isTrue();
    }

    @Test
    void forgetsStacksThatAreGone() {
        // given
        looks.begin(stack("stays"));
        looks.begin(stack("gone"));

        // when
        looks.keep(Set.of("stays", "waits")::contains);

        // then
        assertThat(looks.isAhead(stack("stays"))).isFalse();
        assertThat(looks.isAhead(stack("gone"))).isTrue();
        assertThat(looks.isAhead(stack("waits"))).isTrue();
    }

    private static Stack stack(String uid) {
        Stack stack = new Stack();
        stack.setMetadata(new ObjectMetaBuilder().withUid(uid).build());
        return stack;
    }
}
