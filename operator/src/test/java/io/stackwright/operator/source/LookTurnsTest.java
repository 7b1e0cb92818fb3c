package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LookTurnsTest {

    private final List<Runnable> begun = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private final LookTurns turns = new LookTurns(begun::add);

    /** Their servers may take minutes to answer. */
    @Test
    void oneNamespaceLeavesRoomForOthers() {
        // given
        for (int i = 0; i < 100; i++) {
            turns.submit(Set.of("a"), done("a" + i));
        }
        assertThat(begun).hasSize(LookTurns.OF_ONE);

        // when
        turns.submit(Set.of("b"), done("b"));

        // then
        begun.getLast().run();
        assertThat(done).containsExactly("b");
    }

    @Test
    void thoseWhoWaitTakeTurns() {
        // given all threads taken
        for (int i = 0; i < LookTurns.AT_ONCE; i++) {
            turns.submit(Set.of("busy-" + i % 4), done("busy"));
        }
        turns.submit(Set.of("a"), done("a1"));
        turns.submit(Set.of("a"), done("a2"));
        turns.submit(Set.of("b"), done("b1"));
        assertThat(begun).hasSize(LookTurns.AT_ONCE);

        // when
        runAll();

        // then
        assertThat(done.subList(LookTurns.AT_ONCE, done.size())).containsExactly("a1", "b1", "a2");
    }

    @Test
    void aLookThatFailsHandsItsTurnOn() {
        // given
        for (int i = 0; i < LookTurns.OF_ONE; i++) {
            turns.submit(Set.of("a"), () -> {
                throw new IllegalStateException("as it may be");
            });
        }
        turns.submit(Set.of("a"), done("next"));

        // when
        for (int i = 0; i < LookTurns.OF_ONE; i++) {
            try {
                begun.get(i).run();
            } catch (IllegalStateException e) {
                done.add("failed");
            }
        }
        begun.getLast().run();

        // then
        assertThat(done).contains("next");
    }

    /** A repository that a hostile namespace follows too is not held up by that one's others. */
    @Test
    void ofSeveralNamespacesTheOneWithTheFewestCounts() {
        // given
        for (int i = 0; i < 10; i++) {
            turns.submit(Set.of("a"), done("a" + i));
        }

        // when
        turns.submit(Set.of("a", "b"), done("shared"));

        // then
        begun.getLast().run();
        assertThat(done).containsExactly("shared");
    }

    private Runnable done(String what) {
        return () -> done.add(what);
    }

    private void runAll() {
        for (int i = 0; i < begun.size(); i++) {
            begun.get(i).run();
        }
    }
}
