package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HostPaceTest {

    private final AtomicLong now =
            new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());
    private final HostPace pace = new HostPace(3, Duration.ofMillis(100), now::get);

    @Test
    void aFewGoAtOnceAndTheOthersOneByOne() {
        // when
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            waits.add(take("a", i).toMillis());
        }

        // then
        assertThat(waits).containsExactly(0L, 0L, 0L, 100L, 200L, 300L);
    }

    @Test
    void whoWaitsKeepsItsTurnHoweverOftenItAsks() {
        // given
        exhaust("a");
        assertThat(take("a", "me")).hasMillis(100);
        assertThat(take("a", "next")).hasMillis(200);

        // when
        pass(50);
        assertThat(take("a", "me")).hasMillis(50);
        pass(50);

        // then
        assertThat(take("a", "me")).isZero();
        assertThat(take("a", "next")).hasMillis(100);
    }

    @Test
    void hostsDoNotWaitForEachOther() {
        // given
        exhaust("a");

        // then
        assertThat(take("b", "me")).isZero();
    }

    @Test
    void restFillsTheBucketButNotMoreThanFull() {
        // given
        exhaust("a");
        pass(100_000);

        // then
        exhaust("a");
        assertThat(take("a", "me")).isPositive();
    }

    @Test
    void aThousandTakeTheirTimeWhateverTheyDoBetween() {
        // given a thousand that ask again when they are told to
        int done = 0;
        int seconds = 0;
        boolean[] finished = new boolean[1000];

        // when
        while (done < finished.length) {
            for (int i = 0; i < finished.length; i++) {
                if (!finished[i] && take("a", i).isZero()) {
                    finished[i] = true;
                    done++;
                }
            }
            pass(1000);
            seconds++;
        }

        // then ten a second
        assertThat(seconds).isBetween(99, 101);
    }

    /** What one has been told may have become too early; what it waits for comes all the same. */
    @Test
    void namespacesTakeTurns() {
        // given
        exhaust("a");
        for (int i = 0; i < 1000; i++) {
            assertThat(pace.take("a", List.of("crowd"), i)).hasMillis(100 * (i + 1));
        }

        // when, then
        assertThat(pace.take("a", List.of("other"), "me")).hasMillis(200);
        pass(200);
        assertThat(pace.take("a", List.of("other"), "me")).isZero();
        assertThat(pace.take("a", List.of("crowd"), 1)).hasMillis(100);
        assertThat(pace.take("a", List.of("crowd"), 0)).isZero();
        pass(100);
        assertThat(pace.take("a", List.of("crowd"), 1)).isZero();
    }

    /** For those who are all of one namespace. */
    private Duration take(String host, Object who) {
        return pace.take(host, List.of("team"), who);
    }

    private void exhaust(String host) {
        for (int i = 0; i < 3; i++) {
            assertThat(take(host, "first-" + i)).isZero();
        }
    }

    private void pass(long millis) {
        now.addAndGet(Duration.ofMillis(millis).toNanos());
    }
}
