package io.stackwright.operator.execution.job;

import io.stackwright.operator.kube.BoundedVirtualExecutor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Threads for what is asked of the API server. Attempts to make a Job have their own, since those may hang in what a
 * namespace has in the way of admission, and repeated ones have others again: they must not hold up the rest.
 */
final class JobThreads {

    private static final int AT_ONCE = 16;

    private final BoundedVirtualExecutor calls = new BoundedVirtualExecutor("jobs", AT_ONCE);
    private final BoundedVirtualExecutor firstAttempts = new BoundedVirtualExecutor("jobs-first", AT_ONCE);
    private final BoundedVirtualExecutor laterAttempts = new BoundedVirtualExecutor("jobs-later", AT_ONCE);

    ExecutorService calls() {
        return calls;
    }

    ExecutorService firstAttempts() {
        return firstAttempts;
    }

    ExecutorService laterAttempts() {
        return laterAttempts;
    }

    /** Lets them end what they have begun; false when that took longer than it may, or the waiting was interrupted. */
    boolean end(Duration patience) {
        List<BoundedVirtualExecutor> all = List.of(firstAttempts, laterAttempts, calls);
        all.forEach(BoundedVirtualExecutor::shutdown);
        long end = System.nanoTime() + patience.toNanos();
        try {
            for (BoundedVirtualExecutor each : all) {
                if (!each.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
