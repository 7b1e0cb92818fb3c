package io.stackwright.operator.kube;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Lets reconciles in until it is closed for good. */
public final class ReconcileGate {

    private boolean closed;
    private int inside;

    synchronized boolean enter() {
        if (!closed) {
            inside++;
        }
        return !closed;
    }

    synchronized void leave() {
        inside--;
        notifyAll();
    }

    /** Lets nobody in any more and waits for those inside, so long at most. */
    public synchronized void close(Duration patience) {
        closed = true;
        long end = System.nanoTime() + patience.toNanos();
        try {
            long left = end - System.nanoTime();
            while (inside > 0 && left > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
                left = end - System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
