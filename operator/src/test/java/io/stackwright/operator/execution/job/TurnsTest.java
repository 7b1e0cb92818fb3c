package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TurnsTest {

    private final Turns<String> turns = new Turns<>(2, Function.identity());

    @Test
    void eachGoesOnWhereTheLastOneStoppedAndAfterTheEndItBeginsAnew() {
        assertThat(turns.next(Stream.of("a", "b", "c", "d", "e"))).containsExactly("a", "b");
        assertThat(turns.isThrough()).isFalse();
        assertThat(turns.next(Stream.of("a", "b", "c", "d", "e"))).containsExactly("c", "d");
        assertThat(turns.next(Stream.of("a", "b", "c", "d", "e"))).containsExactly("e");
        assertThat(turns.isThrough()).isTrue();
        assertThat(turns.next(Stream.of("a", "b", "c", "d", "e"))).containsExactly("a", "b");
    }

    /** As when they were removed, and others made, in between. */
    @Test
    void whatComesAndGoesBeforeItChangesNothing() {
        // given
        turns.next(Stream.of("a", "b", "c", "d"));

        // when, then
        assertThat(turns.next(Stream.of("aa", "ab", "ac", "c"))).containsExactly("c");
        assertThat(turns.isThrough()).isTrue();
    }

    /** It need not be read to its end. */
    @Test
    void itAsksForNoMoreThanItTakes() {
        assertThat(turns.next(Stream.concat(Stream.of("a", "b"), Stream.generate(() -> "c"))))
                .containsExactly("a", "b");
    }
}
