package io.stackwright.operator.execution.job;

import io.stackwright.operator.kube.BoundedVirtualExecutor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads for what is asked of the API server. What is written may hang in what a namespace has in the way of admission, so
 * each has a few of them only. Attempts to make a Job have their own, and repeated ones have others again: they must not
 * hold up the rest of their namespace.
 */
final class JobThreads {

    private static final int AT_ONCE = 16;
    private static final int OF_A_NAMESPACE = 4;

    private final BoundedVirtualExecutor looks = new BoundedVirtualExecutor("jobs-looks", AT_ONCE);
    private final BoundedVirtualExecutor calls = new BoundedVirtualExecutor("jobs", AT_ONCE);
    private final BoundedVirtualExecutor firstAttempts = new BoundedVirtualExecutor("jobs-first", AT_ONCE);
    private final BoundedVirtualExecutor laterAttempts = new BoundedVirtualExecutor("jobs-later", AT_ONCE);

    private final ScheduledExecutorService timer = new ScheduledThreadPoolExecutor(
            1,
            Thread.ofPlatform().daemon().name("jobs-timer").factory(),
            // After the end nobody waits for a task any more.
            new ThreadPoolExecutor.DiscardPolicy());

    private final NamespaceSlots callsByNamespace = new NamespaceSlots(calls, OF_A_NAMESPACE);
    private final NamespaceSlots firstByNamespace = new NamespaceSlots(firstAttempts, OF_A_NAMESPACE);
    private final NamespaceSlots laterByNamespace = new NamespaceSlots(laterAttempts, OF_A_NAMESPACE);

    /** For what is done for all namespaces. */
    Executor looks() {
        return looks;
    }

    /** For what is done about one run that has its Job. */
    NamespaceSlots calls() {
        return callsByNamespace;
    }

    NamespaceSlots firstAttempts() {
        return firstByNamespace;
    }

    NamespaceSlots laterAttempts() {
        return laterByNamespace;
    }

    /** Does something that is short after a pause. */
    void later(Duration pause, Runnable task) {
        timer.schedule(task, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Does something that is short again and again. */
    void every(Duration pause, Runnable task) {
        timer.scheduleWithFixedDelay(task, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Lets them end what they have begun; false when that took longer than it may, or the waiting was interrupted. */
    boolean end(Duration patience) {
        timer.shutdownNow();
        List<BoundedVirtualExecutor> all = List.of(looks, firstAttempts, laterAttempts, calls);
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
