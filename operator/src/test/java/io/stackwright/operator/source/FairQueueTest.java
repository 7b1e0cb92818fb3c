package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FairQueueTest {

    private final FairQueue queue = new FairQueue();

    @Test
    void namespacesTakeTurns() {
        // given
        add("a", "a1", "a2", "a3", "a4");
        add("b", "b1", "b2");
        add("c", "c1");

        // when, then: what is said to be before each is
        List<Object> order = new ArrayList<>(List.of("a1", "b1", "c1", "a2", "b2", "a3", "a4"));
        for (int i = 0; i < order.size(); i++) {
            assertThat(queue.before(order.get(i))).isEqualTo(i);
        }
        assertThat(all()).isEqualTo(order);
    }

    @Test
    void whoAsksAgainKeepsThePlace() {
        // given
        add("a", "a1", "a2");

        // when
        add("a", "a1");

        // then
        assertThat(all()).containsExactly("a1", "a2");
    }

    @Test
    void ofSeveralNamespacesTheOneWithTheFewestCountsAlsoLater() {
        // given
        add("a", "a1", "a2", "a3", "shared", "a4");

        // when
        queue.add("shared", List.of("a", "b"));

        // then
        assertThat(queue.before("shared")).isEqualTo(1);
        assertThat(all()).containsExactly("a1", "shared", "a2", "a3", "a4");
    }

    @Test
    void aPlaceIsNotGivenUpForAWorseOne() {
        // given
        add("a", "shared", "a1", "a2");
        add("b", "b1");

        // when
        queue.add("shared", List.of("a", "b"));

        // then
        assertThat(all()).startsWith("shared");
    }

    private void add(String namespace, String... who) {
        for (String one : who) {
            queue.add(one, List.of(namespace));
        }
    }

    private List<Object> all() {
        List<Object> all = new ArrayList<>();
        while (!queue.isEmpty()) {
            all.add(queue.next());
        }
        return all;
    }
}
