package io.stackwright.operator.engine;

import io.stackwright.api.v1alpha1.Reason;

/**
 * Why an operation did not succeed.
 *
 * @param kind how the operator behaves after it
 * @param reason the reason that a person sees
 * @param message what Pulumi said, not yet redacted, at most 4 KiB, errors only
 */
public record Failure(Kind kind, Reason reason, String message) {

    /** How the operator behaves after a failure. */
    public enum Kind {
        /** Stalled until an input changes. */
        INVALID,
        /** Program or resource error: own backoff up to an hour, never given up. */
        FAILED,
        /** Network, backend, registry: backoff up to {@code retry.max}, never given up. */
        TRANSIENT,
        /** Someone holds the lock: short retry. */
        LOCKED,
        /** Stopped because it was asked to. */
        CANCELLED,
        /** Stopped because it took too long. */
        TIMED_OUT
    }
}
