package io.stackwright.operator.engine;

import java.util.concurrent.CompletableFuture;

/** Asks a running operation to stop; once, from any thread. */
public final class CancelToken {

    private final CompletableFuture<Void> cancelled = new CompletableFuture<>();

    /** Asks to stop; the first call counts. */
    public void cancel() {
        cancelled.complete(null);
    }

    public boolean isCancelled() {
        return cancelled.isDone();
    }

    /** Runs the action when the operation is asked to stop, at once if it already was. */
    public void onCancel(Runnable action) {
        cancelled.thenRun(action);
    }
}
