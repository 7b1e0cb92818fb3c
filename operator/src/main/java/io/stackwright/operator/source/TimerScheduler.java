package io.stackwright.operator.source;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Real time. What is due counts from the start of the process: a clock that is set back delays nothing. */
final class TimerScheduler implements Scheduler {

    private final Clock clock;
    private final ScheduledExecutorService timer;
    private final Instant start;
    private final long startNanos = System.nanoTime();

    TimerScheduler(Clock clock, ScheduledExecutorService timer) {
        this.clock = clock;
        this.timer = timer;
        this.start = clock.instant();
    }

    @Override
    public Instant now() {
        return start.plusNanos(System.nanoTime() - startNanos);
    }

    @Override
    public Instant timeOfDay() {
        return clock.instant();
    }

    @Override
    public void after(Duration delay, Runnable task) {
        timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    }
}
