package io.stackwright.operator.source;

import java.time.Duration;
import java.time.Instant;

/** Time, as the poller knows it. */
interface Scheduler {

    Instant now();

    /** Runs a short task later, once. */
    void after(Duration delay, Runnable task);
}
