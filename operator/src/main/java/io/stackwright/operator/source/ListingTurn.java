package io.stackwright.operator.source;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The turn to have a long list of branches and tags in memory: few at a time in the whole process. What most repositories
 * have needs none.
 */
final class ListingTurn implements AutoCloseable {

    /** Bytes that each may have without a turn: some thousand branches and tags. */
    static final long SMALL = 256 << 10;

    private static final Semaphore TURNS = new Semaphore(2, true);

    private final long until;
    private boolean taken;

    /** @param patience how long to wait for it, from now on */
    ListingTurn(Duration patience) {
        this.until = System.nanoTime() + patience.toNanos();
    }

    /**
     * Waits for the turn once there is need of it. By one thread, the one that reads.
     *
     * @param bytes that have been read so far
     */
    void read(long bytes) throws IOException {
        if (taken || bytes <= SMALL) {
            return;
        }
        try {
            taken = TURNS.tryAcquire(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the operator is stopping");
        }
        if (!taken) {
            throw new IOException("other repositories have long lists of branches and tags, too");
        }
    }

    @Override
    public void close() {
        if (taken) {
            taken = false;
            TURNS.release();
        }
    }
}
