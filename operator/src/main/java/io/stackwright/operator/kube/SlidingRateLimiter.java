package io.stackwright.operator.kube;

import io.javaoperatorsdk.operator.processing.event.rate.RateLimiter;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * At most so many reconciles of one resource in any period of a given length; answers with the time that remains until
 * the next one is allowed. The framework's own limiter answers with the time that has passed, and counts by the wall
 * clock.
 */
public final class SlidingRateLimiter implements RateLimiter<SlidingRateLimiter.Starts> {

    private final int limit;
    private final long period;
    private final LongSupplier nanoTime;

    /**
     * @param limit reconciles of one resource
     * @param period in any span of this length
     */
    public SlidingRateLimiter(int limit, Duration period) {
        this(limit, period, System::nanoTime);
    }

    SlidingRateLimiter(int limit, Duration period, LongSupplier nanoTime) {
        if (limit < 1 || !period.isPositive()) {
            throw new IllegalArgumentException("limit and period must be positive");
        }
        this.limit = limit;
        this.period = period.toNanos();
        this.nanoTime = nanoTime;
    }

    /** Counts a start when it is allowed. The framework calls it under its own lock. */
    @Override
    public Optional<Duration> isLimited(RateLimitState state) {
        Starts starts = (Starts) state;
        long now = nanoTime.getAsLong();
        long oldest = starts.at[starts.next];
        if (starts.count == limit && now - oldest < period) {
            // Timers count in milliseconds: rounded down, they would fire too early.
            return Optional.of(Duration.ofMillis((period - (now - oldest)) / 1_000_000 + 1));
        }
        starts.at[starts.next] = now;
        starts.next = (starts.next + 1) % limit;
        starts.count = Math.min(starts.count + 1, limit);
        return Optional.empty();
    }

    @Override
    public Starts initState() {
        return new Starts(limit);
    }

    /** The last starts of one resource, in a ring. */
    public static final class Starts implements RateLimitState {

        private final long[] at;
        private int next;
        private int count;

        private Starts(int limit) {
            this.at = new long[limit];
        }

        @Override
        public String toString() {
            return Arrays.toString(at);
        }
    }
}
