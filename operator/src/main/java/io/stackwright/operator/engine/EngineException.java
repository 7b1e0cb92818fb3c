package io.stackwright.operator.engine;

/** An engine call that has no result of its own failed; {@link #failure()} says how. */
public final class EngineException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    public EngineException(Failure failure) {
        super(failure.reason() + ": " + failure.message());
        this.failure = failure;
    }

    public EngineException(Failure failure, Throwable cause) {
        super(failure.reason() + ": " + failure.message(), cause);
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }
}
