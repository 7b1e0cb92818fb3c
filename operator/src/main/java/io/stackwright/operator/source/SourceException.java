package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.Reason;

/** A source could not be resolved or fetched; the message holds no credentials. */
public final class SourceException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public SourceException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public SourceException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** {@code SourceUnavailable} when trying again helps. */
    public Reason reason() {
        return reason;
    }
}
