package io.stackwright.operator.stack.decide;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.StackStatus;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a decision looks at, read once.
 *
 * @param now the time of the decision
 * @param generation of the Stack
 * @param deletion how to delete; present when the Stack is being deleted
 * @param suspended {@code spec.suspend}
 * @param supersedes whether an up that runs with other inputs than those wanted is stopped
 * @param status as last written
 * @param active the Update that has been decided on and has not ended
 * @param spec what is wrong with the spec
 * @param identity what is wrong with the identity: changed, or claimed by another Stack
 * @param source the source
 * @param inputs what is wrong with the inputs
 * @param fingerprint over all inputs; present when source and inputs are known
 * @param requests on-demand annotations that have not been taken up
 * @param adHoc the oldest Update that a person made and that waits
 * @param unverified what is applied is presumed to be what is wanted, but the fingerprint cannot tell: its key or Pulumi
 *     is another one
 */
public record Snapshot(
        Instant now,
        long generation,
        Optional<Deletion> deletion,
        boolean suspended,
        boolean supersedes,
        StackStatus status,
        Optional<ActiveRun> active,
        Optional<Problem> spec,
        Optional<Problem> identity,
        SourceView source,
        Optional<Problem> inputs,
        Optional<String> fingerprint,
        Map<String, String> requests,
        Optional<AdHocUpdate> adHoc,
        boolean unverified) {

    /** Whether what is applied is what is wanted, or presumed to be. */
    boolean isApplied() {
        var applied = status.applied();
        return unverified
                || applied != null
                        && fingerprint
                                .filter(f -> f.equals(applied.fingerprint()))
                                .isPresent();
    }

    /** Whether the run cannot start as it is, and was decided on for another generation: the present one may do better. */
    boolean isStuck(ActiveRun run) {
        var current = status.current();
        return run.hindrance().isPresent()
                && !run.begun()
                && current != null
                && run.update().equals(current.update())
                && current.generation() != null
                && current.generation() != generation;
    }

    /**
     * Whether the run was decided on for something else than what is wanted now, as far as that is known.
     *
     * @param update the run's; null for one without an Update
     */
    public boolean isOutdated(String update) {
        var current = status.current();
        if (update == null || current == null || !update.equals(current.update())) {
            return false;
        }
        boolean otherSpec = current.generation() != null && current.generation() != generation;
        Optional<String> present = deletion.map(Deletion::fingerprint).or(() -> fingerprint);
        boolean otherInputs = current.fingerprint() != null
                && present.filter(f -> !f.equals(current.fingerprint())).isPresent();
        return otherSpec || otherInputs;
    }

    /** Whether the run is an up with inputs that are no longer wanted. */
    boolean isOutdated(ActiveRun run) {
        var current = status.current();
        return run.operation() == Operation.Up
                && run.wanted()
                && current != null
                && run.update().equals(current.update())
                && current.fingerprint() != null
                && fingerprint.filter(f -> !f.equals(current.fingerprint())).isPresent();
    }

    /** Whether the spec that was applied is the present one; all that can be said while the inputs are unknown. */
    boolean isSpecApplied() {
        return status.applied() != null
                && status.applied().fingerprint() != null
                && status.applied().generation() != null
                && status.applied().generation() == generation;
    }
}
