package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.Reason;
import java.time.Instant;
import java.util.Optional;

/** What is known of a Stack's source without waiting. */
public sealed interface SourceState {

    /** Being looked at for the first time; the Stack is woken when more is known. */
    record Pending() implements SourceState {}

    /**
     * Being looked at because somebody asked for it; the Stack is woken when the look has ended, whatever it finds.
     *
     * @param known what was known before
     */
    record Looking(SourceState known) implements SourceState {}

    /**
     * The newest revision.
     *
     * @param unavailableSince when the source could last be reached, if it cannot be now
     * @param problem why it cannot be reached now, without credentials
     */
    record Resolved(Revision revision, Optional<Instant> unavailableSince, String problem) implements SourceState {

        public Resolved(Revision revision) {
            this(revision, Optional.empty(), "");
        }
    }

    /**
     * No revision is known. {@code reason.stalls()} tells whether waiting helps.
     *
     * @param message names the field or file and the remedy, without credentials
     */
    record Unresolved(Reason reason, String message) implements SourceState {}
}
