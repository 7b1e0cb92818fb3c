package io.stackwright.operator.stack.decide;

import java.time.Instant;
import java.util.Optional;

/**
 * What a decision needs to know of the source.
 *
 * @param revision the newest known revision; empty while none is known
 * @param problem why there is none, or why the source cannot be reached now; empty too while it is looked at for the
 *     first time
 * @param unavailableSince since when it cannot be reached; empty while it can
 * @param asked whether it is being looked at because of a request: all else is what was known before
 */
public record SourceView(
        Optional<String> revision, Optional<Problem> problem, Optional<Instant> unavailableSince, boolean asked) {

    public SourceView(Optional<String> revision, Optional<Problem> problem, Optional<Instant> unavailableSince) {
        this(revision, problem, unavailableSince, false);
    }

    public static SourceView at(String revision) {
        return new SourceView(Optional.of(revision), Optional.empty(), Optional.empty());
    }

    /** Being looked at for the first time. */
    public static SourceView pending() {
        return new SourceView(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Whether what is known of it, if anything, is not the answer yet. */
    public boolean isBeingLookedAt() {
        return asked || (revision.isEmpty() && problem.isEmpty());
    }

    /** The same while it is looked at because of a request. */
    public SourceView beingAsked() {
        return new SourceView(revision, problem, unavailableSince, true);
    }

    public static SourceView missing(Problem problem) {
        return new SourceView(Optional.empty(), Optional.of(problem), Optional.empty());
    }
}
