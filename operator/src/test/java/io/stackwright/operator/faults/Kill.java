package io.stackwright.operator.faults;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntSupplier;

/**
 * A kill that is carried out on the thread that comes to its moment, and asked about on the thread of the test: what goes
 * wrong with it on a thread of a proxy would be seen by nobody.
 */
final class Kill implements Runnable {

    private final IntSupplier victims;
    private final CompletableFuture<Integer> died = new CompletableFuture<>();

    /** @param victims kills them, and says how many processes died of it */
    Kill(IntSupplier victims) {
        this.victims = victims;
    }

    @Override
    public void run() {
        try {
            died.complete(victims.getAsInt());
        } catch (RuntimeException | Error e) {
            died.completeExceptionally(e);
        }
    }

    /** Whether it has been carried out, or tried. */
    boolean isOver() {
        return died.isDone();
    }

    /** Throws what went wrong with it, if it was tried and something did. */
    void rethrow() {
        if (died.isCompletedExceptionally()) {
            died();
        }
    }

    /**
     * How many processes died of it: it may come too late for all of them. Waits for its end; so ask only when its moment
     * has come.
     */
    int died() {
        try {
            return died.join();
        } catch (CompletionException e) {
            throw new AssertionError("the kill itself went wrong: " + e.getCause(), e.getCause());
        }
    }
}
