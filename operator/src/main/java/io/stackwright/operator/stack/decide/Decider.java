package io.stackwright.operator.stack.decide;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.DeletionPolicy;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Decides what a Stack needs next; the first rule that applies wins. */
public final class Decider {

    private static final NextStep.Start DESTROY =
            new NextStep.Start(Operation.Destroy, Cause.Deletion, Optional.empty());

    /** The clocks of two operators may, of which one takes over from the other. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(1);

    public NextStep decide(Snapshot s) {
        if (s.deletion().isPresent()) {
            return delete(s, s.deletion().get());
        }
        return s.active().isPresent() ? running(s, s.active().get()) : wanted(s);
    }

    private NextStep running(Snapshot s, ActiveRun run) {
        if (run.lost().isPresent()) {
            return new NextStep.AwaitProof(run);
        }
        NextStep beneath = wanted(s);
        boolean outdated = s.supersedes() && s.isOutdated(run) && startsUp(beneath);
        return run.cancelled() || outdated || s.isStuck(run)
                ? new NextStep.Cancel(run, beneath)
                : new NextStep.Observe(run, beneath);
    }

    private static boolean startsUp(NextStep step) {
        return step instanceof NextStep.Start start
                && start.operation() == Operation.Up
                && start.adHoc().isEmpty();
    }

    private NextStep delete(Snapshot s, Deletion deletion) {
        boolean retained =
                deletion.policy() == DeletionPolicy.Retain && s.spec().isEmpty();
        if (s.active().isPresent()) {
            Optional<NextStep> step = runningWhileDeleted(s, s.active().get(), deletion, retained);
            if (step.isPresent()) {
                return step.get();
            }
        }
        if (deletion.isAbandoned()) {
            return new NextStep.Release(NextStep.Leaving.ABANDONED);
        }
        if (retained) {
            return new NextStep.Release(NextStep.Leaving.RETAINED);
        }
        boolean statusLost = s.status().stack() == null;
        if (statusLost && !deletion.traces()) {
            return new NextStep.Release(NextStep.Leaving.NOTHING);
        }
        if (s.spec().isPresent()) {
            // What cannot be read may hold deletionPolicy: Retain, or the credentials.
            return new NextStep.Stall(s.spec().get());
        }
        if (s.inputs().isPresent()) {
            return blockedBy(s.inputs().get());
        }
        if (statusLost) {
            Optional<NextStep> unknown = pulumiStackUnknown(s);
            if (unknown.isPresent()) {
                return unknown.get();
            }
        }
        if (s.adHoc().filter(AdHocUpdate::remedy).isPresent()) {
            // It may be what the destroy waits for.
            return startAdHoc(s.adHoc().get());
        }
        return unlessBackedOff(s, deletion.fingerprint(), DESTROY);
    }

    /** Without the pinned identity, spec and source have to tell which Pulumi stack there may be. */
    private static Optional<NextStep> pulumiStackUnknown(Snapshot s) {
        if (s.source().revision().isPresent()) {
            return s.identity().map(NextStep.Stall::new);
        }
        Problem missing = s.source()
                .problem()
                .orElse(new Problem(Reason.SourceNotReady, "the source is being looked at for the first time"));
        return Optional.of(blockedBy(new Problem(
                missing.reason(),
                "the Stack's status was lost, but its Updates tell that something may be there; its source has to name"
                        + " the Pulumi project: " + missing.message())));
    }

    /** Empty when a person has given up on what the run could still do, and on knowing whether it does. */
    private static Optional<NextStep> runningWhileDeleted(
            Snapshot s, ActiveRun run, Deletion deletion, boolean retained) {
        if (run.lost().isPresent()) {
            return deletion.isAbandoned() ? Optional.empty() : Optional.of(new NextStep.AwaitProof(run));
        }
        boolean leadsOn = (run.operation() == Operation.Destroy || run.remedy()) && !run.cancelled() && !s.isStuck(run);
        boolean leaves = retained || deletion.isAbandoned();
        return Optional.of(leadsOn && !leaves ? new NextStep.Observe(run, DESTROY) : new NextStep.Cancel(run, DESTROY));
    }

    private NextStep wanted(Snapshot s) {
        if (s.spec().isPresent()) {
            return new NextStep.Stall(s.spec().get());
        }
        if (s.source().asked() && !s.suspended()) {
            // A run of what was known before would be taken for the answer; so would what is wrong with that.
            return new NextStep.Await(new Problem(Reason.Progressing, "looks at the source, as was asked for"));
        }
        if (s.identity().isPresent()) {
            return new NextStep.Stall(s.identity().get());
        }
        if (s.suspended()) {
            return suspended(s);
        }
        if (s.source().revision().isEmpty()) {
            return sourceMissing(s);
        }
        if (s.inputs().isPresent()) {
            return blockedBy(s.inputs().get());
        }
        if (!s.requests().isEmpty()) {
            return new NextStep.Start(Operation.Up, Cause.Requested, Optional.empty());
        }
        if (s.unverified() && s.adHoc().isEmpty()) {
            return unlessBackedOff(
                    s,
                    s.fingerprint().orElse(""),
                    new NextStep.Start(Operation.Preview, Cause.Verify, Optional.empty()));
        }
        if (!s.isApplied()) {
            NextStep next = unlessBackedOff(
                    s, s.fingerprint().orElse(""), new NextStep.Start(Operation.Up, causeOfUp(s), Optional.empty()));
            // A person's Update need not wait until a failing Stack has healed: it may be how it is examined.
            return next instanceof NextStep.Start || s.adHoc().isEmpty()
                    ? next
                    : startAdHoc(s.adHoc().get());
        }
        if (s.adHoc().isPresent()) {
            return startAdHoc(s.adHoc().get());
        }
        return s.source()
                .problem()
                .map(problem -> new NextStep.Settled(
                        Optional.of(problem), s.source().unavailableSince().orElse(s.now())))
                .orElseGet(NextStep.Settled::fully);
    }

    private static NextStep startAdHoc(AdHocUpdate update) {
        return new NextStep.Start(update.operation(), Cause.Requested, Optional.of(update.name()));
    }

    private static NextStep suspended(Snapshot s) {
        boolean settled = s.fingerprint().isPresent() ? s.isApplied() : s.isSpecApplied();
        return settled
                ? NextStep.Settled.fully()
                : new NextStep.Rest("spec.suspend is true and something is not applied; set it to false to go on");
    }

    private static NextStep sourceMissing(Snapshot s) {
        // An up that was decided on and has not started knew something that is not known again yet.
        boolean upWaits = s.active().isEmpty()
                && s.status().current() != null
                && s.status().current().operation() == Operation.Up;
        boolean wasApplied = s.isSpecApplied() && s.status().failures() == null && !upWaits;
        if (s.source().problem().isEmpty()) {
            // After a restart nothing is known yet of a source that was applied before: that alone is no news.
            return wasApplied
                    ? NextStep.Settled.fully()
                    : new NextStep.Await(
                            new Problem(Reason.SourceNotReady, "the source is being looked at for the first time"));
        }
        Problem problem = s.source().problem().get();
        return wasApplied && problem.reason() == Reason.SourceUnavailable
                ? new NextStep.Settled(Optional.of(problem), sourceAwaySince(s))
                : blockedBy(problem);
    }

    private static Instant sourceAwaySince(Snapshot s) {
        return s.status()
                .condition(Condition.SOURCE_READY)
                .filter(condition -> Condition.FALSE.equals(condition.status()))
                .map(condition -> Instant.parse(condition.lastTransitionTime()))
                .orElse(s.now());
    }

    private static NextStep blockedBy(Problem problem) {
        return problem.reason().stalls() ? new NextStep.Stall(problem) : new NextStep.Await(problem);
    }

    private static NextStep unlessBackedOff(Snapshot s, String fingerprint, NextStep.Start start) {
        FailureStatus failure = s.status().failures();
        boolean sameInputs = failure != null
                && fingerprint.equals(failure.fingerprint())
                && (failure.generation() == null || failure.generation() == s.generation());
        if (!sameInputs || !s.requests().isEmpty()) {
            return start;
        }
        if (failure.nextAttemptAt() == null) {
            return new NextStep.Stall(new Problem(reasonOf(failure), failure.message()));
        }
        Instant at = Instant.parse(failure.nextAttemptAt());
        return s.now().isBefore(at) && !clockWasSetBack(s, failure) ? new NextStep.Backoff(failure, at) : start;
    }

    /** It failed in what is the future now: nobody knows how long ago, and its next attempt may be hours away. */
    private static boolean clockWasSetBack(Snapshot s, FailureStatus failure) {
        return failure.lastAt() != null && s.now().plus(CLOCKS_DIFFER).isBefore(Instant.parse(failure.lastAt()));
    }

    /** The reason of a recorded failure; one that an older or newer operator wrote may be unknown here. */
    static Reason reasonOf(FailureStatus failure) {
        try {
            return Reason.valueOf(failure.reason());
        } catch (IllegalArgumentException | NullPointerException e) {
            return Reason.UpdateFailed;
        }
    }

    private static Cause causeOfUp(Snapshot s) {
        StackStatus status = s.status();
        FailureStatus failure = status.failures();
        if (failure != null && s.fingerprint().orElse("").equals(failure.fingerprint())) {
            return Cause.Retry;
        }
        // One that was recorded and never started is none before it.
        boolean none = status.lastUpdate() == null
                || (status.current() != null
                        && status.lastUpdate().equals(status.current().update()));
        if (status.applied() == null && failure == null && none) {
            return Cause.FirstRun;
        }
        return causeOfAttempt(s);
    }

    private static Cause causeOfAttempt(Snapshot s) {
        StackStatus.AppliedStatus applied = s.status().applied();
        // A verification that found changes leaves no key either.
        if (applied != null && applied.fingerprint() == null && applied.keyId() == null) {
            return Cause.InputsChanged;
        }
        if (applied == null || applied.generation() == null || applied.generation() != s.generation()) {
            return Cause.SpecChanged;
        }
        boolean sameRevision = s.source()
                .revision()
                .filter(revision -> revision.equals(applied.revision()))
                .isPresent();
        if (!sameRevision) {
            return Cause.SourceChanged;
        }
        // An up that was cut short leaves no fingerprint.
        return applied.fingerprint() == null ? Cause.Retry : Cause.InputsChanged;
    }
}
