package io.stackwright.operator.stack.decide;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import java.time.Instant;
import java.util.Optional;

/** The one thing to do for a Stack now. */
public sealed interface NextStep {

    /** An Update is on its way: wait for its end. {@code beneath} is what would be done without it. */
    record Observe(ActiveRun run, NextStep beneath) implements NextStep {}

    /** Ask the running Update to stop, because the Stack is being deleted. */
    record Cancel(ActiveRun run) implements NextStep {}

    /** The run's executor is gone and not proven dead: nothing may run until it is. */
    record AwaitProof(ActiveRun run) implements NextStep {}

    /** Start a run; {@code adHoc} names the person's Update that it carries out. */
    record Start(Operation operation, Cause cause, Optional<String> adHoc) implements NextStep {}

    /** Only a person or a changed input can help. */
    record Stall(Problem problem) implements NextStep {}

    /** Something outside is not ready; the Stack is woken when it changes. */
    record Await(Problem problem) implements NextStep {}

    /** The last run failed; the next one is due at {@code at}. */
    record Backoff(FailureStatus failure, Instant at) implements NextStep {}

    /** A verification is due, and its turn comes at {@code at}: it goes behind everything else. */
    record Deferred(Instant at) implements NextStep {}

    /** Suspended with something not applied. */
    record Rest(String message) implements NextStep {}

    /**
     * Nothing to do.
     *
     * @param away the source cannot be reached, though nothing that is known has changed
     * @param awaySince since when
     */
    record Settled(Optional<Problem> away, Instant awaySince) implements NextStep {
        public static Settled fully() {
            return new Settled(Optional.empty(), Instant.EPOCH);
        }
    }

    /** Deletion needs no run (any more): drop the finalizer. */
    record Release(String why) implements NextStep {}
}
