package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class TimerSchedulerTest {

    private static final Instant NOON = Instant.parse("2026-05-01T12:00:00Z");

    @Test
    void aClockThatIsSetBackDelaysNothing() {
        // given
        AtomicReference<Instant> set = new AtomicReference<>(NOON);
        InstantSource clock = set::get;
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
            TimerScheduler scheduler = new TimerScheduler(clock.withZone(ZoneOffset.UTC), timer);
            Instant before = scheduler.now();

            // when
            set.set(NOON.minus(Duration.ofHours(3)));

            // then
            assertThat(scheduler.now()).isAfterOrEqualTo(before).isBefore(NOON.plus(Duration.ofHours(1)));
            assertThat(scheduler.timeOfDay()).isEqualTo(NOON.minus(Duration.ofHours(3)));
        }
    }
}
