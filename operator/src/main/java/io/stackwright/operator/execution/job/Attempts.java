package io.stackwright.operator.execution.job;

import java.time.Duration;
import org.slf4j.event.Level;

/** Attempts at one thing that fail one after the other: the pauses grow, and what each would say is said once. */
final class Attempts {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final int LONGEST_PAUSES = 8;

    private int failures;

    /** Whether the last one has failed. */
    boolean haveFailed() {
        return failures > 0;
    }

    /** Where the log tells of the next failure. */
    Level level() {
        return haveFailed() ? Level.DEBUG : Level.WARN;
    }

    /** @return when to try again */
    Duration failed() {
        failures++;
        return FIRST_PAUSE.multipliedBy(Math.min(failures, LONGEST_PAUSES));
    }

    void succeeded() {
        failures = 0;
    }
}
