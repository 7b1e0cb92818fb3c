package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.faults.Ledger.Line;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverlapsTest {

    private static final long FIRST = 11;
    private static final long SECOND = 12;

    @Test
    void aRunThatBeginsAfterTheLastOperationOfTheOneBeforeIsNoOverlap() {
        // given
        List<Line> ledger = List.of(
                line(1, "create", "start", "a", FIRST),
                line(2, "create", "start", "b", FIRST),
                line(3, "create", "end", "a", FIRST),
                line(4, "create", "end", "b", FIRST),
                line(6, "update", "start", "a", SECOND),
                line(7, "update", "end", "a", SECOND));

        // when, then
        assertThat(Overlaps.of(ledger, List.of(at(0), at(5)))).isEmpty();
        assertThat(Overlaps.open(ledger)).isEmpty();
    }

    @Test
    void aProviderThatOutlivesItsCliIntoTheNextRunIsOne() {
        // given
        List<Line> ledger = List.of(line(1, "create", "start", "a", FIRST), line(5, "create", "end", "a", FIRST));

        // when, then
        assertThat(Overlaps.of(ledger, List.of(at(0), at(4)))).hasSize(1);
    }

    @Test
    void operationsOfTwoProvidersAtOnceAreOne() {
        // given
        List<Line> ledger = List.of(
                line(1, "create", "start", "a", FIRST),
                line(2, "update", "start", "b", SECOND),
                line(3, "create", "end", "a", FIRST),
                line(4, "update", "end", "b", SECOND));

        // when, then
        assertThat(Overlaps.of(ledger, List.of(at(0)))).hasSize(1);
    }

    @Test
    void whatWasCutShortIsOpen() {
        // given
        Line cut = line(1, "create", "start", "a", FIRST);
        List<Line> ledger =
                List.of(cut, line(3, "create", "start", "a2", SECOND), line(4, "create", "end", "a2", SECOND));

        // when, then
        assertThat(Overlaps.of(ledger, List.of(at(0), at(2)))).isEmpty();
        assertThat(Overlaps.open(ledger)).containsExactly(cut);
    }

    private static Line line(long seconds, String operation, String phase, String id, long pid) {
        return new Line(seconds * 1_000_000_000L, operation, phase, "shop", id, id, pid, "v1");
    }

    private static Instant at(long seconds) {
        return Instant.ofEpochSecond(seconds);
    }
}
