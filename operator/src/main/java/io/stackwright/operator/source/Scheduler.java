package io.stackwright.operator.source;

import java.time.Duration;
import java.time.Instant;

/** Time, as the poller knows it. */
interface Scheduler {

    /** For plans: it only goes forward, whatever the machine's clock is set to. */
    Instant now();

    /** What the machine's clock says, for people to read. */
    Instant timeOfDay();

    /** Runs a short task later, once. */
    void after(Duration delay, Runnable task);
}
