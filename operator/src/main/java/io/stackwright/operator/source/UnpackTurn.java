package io.stackwright.operator.source;

import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;

/**
 * The turn to have objects of a repository unpacked in memory: one at a time in the whole process, as each may take a good
 * part of it. Nobody waits for the network, or for a lock, who has it.
 */
final class UnpackTurn implements AutoCloseable {

    private static final Semaphore TURNS = new Semaphore(1, true);

    private boolean taken = true;

    private UnpackTurn() {}

    /** Waits for it. */
    static UnpackTurn take() throws InterruptedIOException {
        try {
            TURNS.acquire();
            return new UnpackTurn();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the operator is stopping");
        }
    }

    /** Hands it on; a second time does nothing. */
    @Override
    public void close() {
        if (taken) {
            taken = false;
            TURNS.release();
        }
    }
}
