package io.stackwright.operator.engine;

import java.util.concurrent.CompletableFuture;

/** Asks a running operation to stop; once, from any thread. */
public final class CancelToken {

    private final CompletableFuture<Boolean> cancelled = new CompletableFuture<>();

    /** Asks to stop, because a person or the Stack's deletion wants it; the first call counts. */
    public void cancel() {
        cancelled.complete(false);
    }

    /** Asks to stop, because the operator itself stops: the work is taken up again later. */
    public void interrupt() {
        cancelled.complete(true);
    }

    public boolean isCancelled() {
        return cancelled.isDone();
    }

    /** Whether it was the operator's own end that asked. */
    public boolean isInterrupted() {
        return cancelled.getNow(false);
    }

    /** Runs the action when the operation is asked to stop, at once if it already was. */
    public void onCancel(Runnable action) {
        cancelled.thenRun(action);
    }
}
