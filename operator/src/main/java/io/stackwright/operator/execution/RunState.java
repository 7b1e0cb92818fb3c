package io.stackwright.operator.execution;

import io.stackwright.api.v1alpha1.Reason;
import java.util.Optional;

/** What an executor knows of an Update. */
public sealed interface RunState {

    /** Never handed to it, or handed to another process before this one. */
    record Unknown() implements RunState {}

    /**
     * Waits for its turn, or for what it needs to start.
     *
     * @param hindrance what it waits for, where that is not just its turn
     */
    record Waiting(Optional<Hindrance> hindrance) implements RunState {

        /** For its turn. */
        public Waiting() {
            this(Optional.empty());
        }
    }

    /**
     * Being worked on.
     *
     * @param untaken what keeps its end from being known, where it has come to one
     */
    record Running(Optional<Hindrance> untaken) implements RunState {

        /** One that goes on, as far as is known. */
        public Running() {
            this(Optional.empty());
        }
    }

    /**
     * It was to have ended, or nothing can be seen of it any more, and nobody says that it has.
     *
     * @param why that is so, and what would prove it
     * @param unseen whether nothing can be seen of it either way, so that a person's word is needed
     */
    record Lost(String why, boolean unseen) implements RunState {}

    /** Ended; kept until acknowledged, or nobody asks any more. */
    record Ended(RunOutcome outcome) implements RunState {}

    /** What keeps a run from starting, or its end from being known; it goes on by itself once that is gone. */
    record Hindrance(Reason reason, String message) {}
}
