package io.stackwright.api.v1alpha1;

/** Where an {@link Update} is in its life. */
public enum Phase {
    /** Waits for its turn. */
    Queued,
    /** An executor has claimed it. */
    Running,
    /** It did what it should. */
    Succeeded,
    /** Pulumi, or what it needs, failed. */
    Failed,
    /** It was stopped on purpose. */
    Cancelled,
    /** Its executor went away before it could report an end. */
    Interrupted,
    /** Something newer took its place before it started. */
    Superseded;

    /** Whether nothing more will happen. */
    public boolean isFinal() {
        return this != Queued && this != Running;
    }
}
