package io.stackwright.operator.kube;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs every task on a virtual thread of its own, at most so many at once. Handing a task over never blocks and never
 * fails: one rejection would end the only timer thread of a JOSDK controller, and with it all its retries and
 * reschedules. The bound is for the API server's sake, whose HTTP/2 connections refuse too many streams. After a
 * shutdown tasks are dropped silently.
 */
public final class BoundedVirtualExecutor extends AbstractExecutorService {

    private static final Logger LOG = LoggerFactory.getLogger(BoundedVirtualExecutor.class);

    private final ExecutorService threads;
    private final Semaphore slots;

    /** @param limit tasks at once; the others wait in their own threads */
    public BoundedVirtualExecutor(String name, int limit) {
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name(name + "-", 0).factory());
        this.slots = new Semaphore(limit);
    }

    @Override
    public void execute(Runnable task) {
        try {
            threads.execute(() -> runInSlot(task));
        } catch (RejectedExecutionException e) {
            // Shut down: nobody waits for the task any more, and the caller must not be harmed.
            return;
        }
    }

    private void runInSlot(Runnable task) {
        try {
            slots.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        try {
            task.run();
        } catch (RuntimeException e) {
            // JOSDK: a look at an object that is being deleted is to be repeated, and at that moment it has gone.
            LOG.atWarn().setCause(e).log("a look at an object did not end in order; its next event leads on");
        } finally {
            slots.release();
        }
    }

    @Override
    public void shutdown() {
        threads.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return threads.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return threads.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return threads.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return threads.awaitTermination(timeout, unit);
    }
}
