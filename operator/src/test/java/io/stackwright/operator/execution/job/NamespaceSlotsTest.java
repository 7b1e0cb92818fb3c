package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NamespaceSlotsTest {

    private final List<Runnable> begun = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private final NamespaceSlots slots = new NamespaceSlots(begun::add, 2);

    @Test
    void oneThatHasManyLeavesThreadsToOthers() {
        // given
        List.of("a", "b", "c", "d").forEach(task -> add("crowd", task));

        // when
        add("calm", "x");

        // then
        assertThat(begun).hasSize(3);
        begun.getLast().run();
        assertThat(done).containsExactly("x");
    }

    @Test
    void whatWaitedBeginsInItsOrderWhenAnotherHasEnded() {
        // given
        List.of("a", "b", "c", "d").forEach(task -> add("crowd", task));

        // when
        for (int i = 0; i < 4; i++) {
            assertThat(begun).hasSize(Math.min(i + 2, 4));
            begun.get(i).run();
        }

        // then
        assertThat(done).containsExactly("a", "b", "c", "d");
    }

    @Test
    void oneThatFailsGivesItsSlotBack() {
        // given
        for (int i = 0; i < 2; i++) {
            slots.execute("crowd", () -> {
                throw new IllegalStateException("as it may be");
            });
        }
        add("crowd", "a");

        // when
        try {
            begun.getFirst().run();
        } catch (IllegalStateException e) {
            // The thread's.
        }

        // then
        begun.getLast().run();
        assertThat(done).containsExactly("a");
    }

    private void add(String namespace, String task) {
        slots.execute(namespace, () -> done.add(task));
    }
}
