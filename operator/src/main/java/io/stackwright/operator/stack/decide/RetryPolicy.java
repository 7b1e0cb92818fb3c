package io.stackwright.operator.stack.decide;

import java.time.Duration;
import java.util.Optional;

/**
 * Exponential backoff.
 *
 * @param initial delay after the first failure
 * @param factor from one delay to the next
 * @param max longest delay that the Stack asks for; empty for the default of the kind of failure
 */
public record RetryPolicy(Duration initial, int factor, Optional<Duration> max) {

    public static final RetryPolicy DEFAULT = new RetryPolicy(Duration.ofSeconds(10), 2, Optional.empty());

    private static final double JITTER = 0.2;

    /**
     * Delay before the next attempt.
     *
     * @param failures failures so far in a row, at least 1
     * @param limit longest delay where the Stack names none
     * @param random in [0, 1)
     */
    public Duration delay(int failures, Duration limit, double random) {
        double longest = max.orElse(limit).toMillis();
        double exact = Math.min(longest, initial.toMillis() * Math.pow(factor, Math.min(failures - 1, 60)));
        return Duration.ofMillis(Math.round(exact * (1 - JITTER + 2 * JITTER * random)));
    }
}
