package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.recovery.BackendFiles;
import io.stackwright.operator.stack.decide.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;

/** What the end of a run means for the Stack's status. Pure, but for the jitter that it is given. */
final class OutcomeRecorder {

    static final Duration FAILED_LIMIT = Duration.ofHours(1);
    static final Duration TRANSIENT_LIMIT = Duration.ofMinutes(10);
    static final Duration LOCKED_DELAY = Duration.ofSeconds(15);
    static final Duration UNSEEN_DELAY = Duration.ofMinutes(10);

    /**
     * What a person puts right where no input of the Stack changes: the other Stack lets go; credentials that the machine
     * lends are back; a role is granted; another image has the CLI or the language; a passphrase is put back for a
     * destroy, which has no fingerprint. The Stack is stalled, and looked at now and then.
     */
    private static final Set<Reason> UNSEEN = EnumSet.of(
            Reason.IdentityClaimed,
            Reason.BackendAuthenticationFailed,
            Reason.PassphraseIncorrect,
            Reason.RuntimeMissing,
            Reason.UnsupportedPulumi);

    private final DoubleSupplier random;

    OutcomeRecorder(DoubleSupplier random) {
        this.random = random;
    }

    /**
     * A run that ended.
     *
     * @param update its name; null where there is no Update
     * @param what what ran
     * @param revision of the source that it ran with; null without one
     * @param fingerprint of the inputs that it ran with, or of the deletion
     * @param footing what the fingerprint rests on
     * @param pins whether it was this run that pinned the identity
     * @param superseded whether it was stopped for another one that follows at once
     * @param persons whether a person's Update asked for it, whose words decide nothing but what ran
     */
    record Ended(
            String update,
            UpdateSpec what,
            String revision,
            String fingerprint,
            Footing footing,
            long generation,
            boolean pins,
            boolean superseded,
            boolean persons) {

        Ended(
                String update,
                UpdateSpec what,
                String revision,
                String fingerprint,
                Footing footing,
                long generation,
                boolean pins) {
            this(update, what, revision, fingerprint, footing, generation, pins, false, false);
        }

        /** One that was stopped for another one. */
        Ended bySuperseding() {
            return new Ended(update, what, revision, fingerprint, footing, generation, pins, true, persons);
        }

        /** One of which nobody knows how far it got: what it pinned stays. */
        Ended keepingPin() {
            return new Ended(update, what, revision, fingerprint, footing, generation, false, superseded, persons);
        }

        /** One that an Update of a person, or of another controller, asked for. */
        Ended ofAPerson() {
            return new Ended(update, what, revision, fingerprint, footing, generation, pins, superseded, true);
        }
    }

    void record(StatusDraft draft, Ended run, RunOutcome outcome, RetryPolicy retry, Instant now) {
        StackStatus.CurrentStatus current = draft.status().current();
        if (current != null && Objects.equals(run.update(), current.update())) {
            draft.current(null);
        }
        establish(draft, run, outcome);
        count(draft, run, outcome);
        if (run.what().isRemedy() && outcome.succeeded()) {
            remedied(draft);
        }
        if (isRecovered(outcome) || run.superseded() || !counts(run)) {
            return;
        }
        if (outcome.succeeded() && verifies(run)) {
            draft.failures(null);
        } else if (outcome.succeeded()) {
            succeeded(draft, run, outcome, now);
        } else {
            draft.failures(failure(draft.status(), run, outcome.failure().orElseThrow(), retry, now));
        }
    }

    /** Whether its end tells something of what the Stack wants. */
    static boolean counts(Ended run) {
        return run.what().operation() == Operation.Destroy
                || (run.what().operation() == Operation.Up && !run.what().isTargeted())
                || verifies(run);
    }

    /** Whether it brings up a part of what the Stack wants, and so may leave that part half done. */
    static boolean isPart(Ended run) {
        return run.what().operation() == Operation.Up && run.what().isTargeted();
    }

    /** The fingerprint of the last success no longer tells that nothing is to be done: an up follows. */
    static void doubtApplied(StatusDraft draft) {
        StackStatus.AppliedStatus applied = draft.status().applied();
        if (applied != null) {
            draft.applied(applied.evidencedBy(null, applied.keyId(), applied.pulumiVersion()));
        }
    }

    /** The same, not because of a run that may have been cut short: without a key either, that shows. */
    static void applyAnew(StatusDraft draft) {
        StackStatus.AppliedStatus applied = draft.status().applied();
        draft.applied(applied.evidencedBy(null, null, applied.pulumiVersion()));
    }

    /**
     * A run that was cut short, as the one before it was: what takes operators down, or deletes Jobs, must not do so in a
     * loop, to the harm of all other Stacks.
     */
    void diedAgain(StatusDraft draft, Ended run, String why, RetryPolicy retry, Instant now) {
        Failure failure = new Failure(Failure.Kind.TRANSIENT, Reason.Interrupted, why + ", more than once in a row");
        draft.failures(failure(draft.status(), run, failure, retry, now));
    }

    /** What stalled the Stack, or made it wait, holds nothing up any more; it counts as long as no run has succeeded. */
    static void goOn(StatusDraft draft, Instant now) {
        FailureStatus failure = draft.status().failures();
        boolean holdsUp = failure != null
                && (failure.nextAttemptAt() == null || now.isBefore(Instant.parse(failure.nextAttemptAt())));
        if (holdsUp) {
            draft.failures(failure.dueAt(now.toString()));
        }
    }

    /**
     * Cut short together with its operator, or by somebody who deleted its Job: the next one goes on at once. What cuts
     * runs short by themselves, a limit of memory for example, would do so again and again.
     */
    private static boolean isRecovered(RunOutcome outcome) {
        return outcome.result() == RunStatus.Result.Interrupted
                && outcome.failure()
                        .filter(failure ->
                                failure.reason() != Reason.Interrupted && failure.reason() != Reason.Cancelled)
                        .isEmpty();
    }

    /** None at all is not believed after a failure: a backend that is made anew would pass for one without a loss. */
    private static void count(StatusDraft draft, Ended run, RunOutcome outcome) {
        outcome.resources().ifPresent(draft::resources);
        boolean hadNone = Objects.equals(draft.status().resources(), 0);
        if (hadNone
                && outcome.resources().isEmpty()
                && !outcome.succeeded()
                && run.what().operation() != Operation.Destroy) {
            uncounted(draft, run.what().operation());
        }
    }

    /** Whatever the run has created or deleted, nobody has counted it. A preview does neither. */
    static void uncounted(StatusDraft draft, Operation operation) {
        if (operation != Operation.Preview) {
            draft.resources(null);
        }
    }

    /** A person's remedy has succeeded: pending creates hold nothing up any more. */
    static void remedied(StatusDraft draft) {
        lift(draft, Reason.PendingCreates);
    }

    /** What the Stack was stalled for has been put right: the next decision need not wait for a changed input. */
    private static void lift(StatusDraft draft, Reason reason) {
        FailureStatus failure = draft.status().failures();
        if (failure != null && reason.name().equals(failure.reason())) {
            draft.failures(null);
        }
    }

    /**
     * The identity is pinned for good once a run has established it. A run that came to its own end before that pins
     * nothing; but what an earlier run pinned that was interrupted stays: nobody knows how far that one got.
     */
    private static void establish(StatusDraft draft, Ended run, RunOutcome outcome) {
        StackStatus.StackIdentity pinned = draft.status().stack();
        if (pinned == null || pinned.adopted() != null) {
            return;
        }
        if (outcome.adopted().isPresent()) {
            draft.stack(new StackStatus.StackIdentity(
                    pinned.organization(),
                    pinned.project(),
                    pinned.name(),
                    pinned.backend(),
                    outcome.adopted().get()));
        } else if (run.pins()
                && run.what().operation() != Operation.Destroy
                && outcome.result() != RunStatus.Result.Interrupted) {
            draft.stack(null);
            // The next run may take a stack that has such tags of its own.
            draft.tagsInDoubt(List.of());
        }
    }

    private static void succeeded(StatusDraft draft, Ended run, RunOutcome outcome, Instant now) {
        draft.failures(null);
        draft.tagsInDoubt(List.of());
        if (run.what().operation() == Operation.Destroy) {
            draft.stack(null);
            draft.applied(null);
            draft.resources(0);
            return;
        }
        draft.applied(new StackStatus.AppliedStatus(
                run.revision(),
                run.fingerprint(),
                run.footing().keyId(),
                run.generation(),
                run.update(),
                now.toString(),
                outcome.tags().isEmpty() ? null : outcome.tags(),
                run.footing().pulumiVersion()));
    }

    /** Whether the run is a preview of the operator's own that looks whether what is applied still is what is wanted. */
    static boolean verifies(Ended run) {
        return !run.persons()
                && run.what().operation() == Operation.Preview
                && run.what().cause() == Cause.Verify;
    }

    /**
     * A preview has looked at what is applied. When it shows no changes, that is what the present fingerprint stands for;
     * otherwise no fingerprint stands for it any more, and an up follows.
     */
    void verified(StatusDraft draft, Ended run, Optional<RunStatus> shown) {
        StackStatus.AppliedStatus applied = draft.status().applied();
        if (applied == null || applied.fingerprint() == null) {
            return;
        }
        boolean sameKey = run.footing().keyId().equals(applied.keyId());
        List<String> secret = draft.status().secretOutputs();
        // A preview does not tell whether a secret output changes.
        boolean allVisible = sameKey || secret == null || secret.isEmpty();
        boolean same =
                allVisible && shown.filter(OutcomeRecorder::showsNoChange).isPresent();
        if (!same) {
            applyAnew(draft);
            return;
        }
        draft.applied(applied.evidencedBy(
                run.fingerprint(), run.footing().keyId(), run.footing().pulumiVersion()));
    }

    /** One whose end was not written shows how far it was when it last said so, which may be before any change. */
    private static boolean showsNoChange(RunStatus run) {
        boolean steps = run.steps() != null && !run.steps().isEmpty();
        return run.result() == RunStatus.Result.Succeeded
                && run.changes() != null
                && !steps
                && run.changes().changed() == 0;
    }

    private FailureStatus failure(StackStatus status, Ended run, Failure failure, RetryPolicy retry, Instant now) {
        FailureStatus before = status.failures();
        // A change that Pulumi does not see, of a timeout for example, is a new beginning all the same.
        boolean again = before != null
                && Objects.equals(run.fingerprint(), before.fingerprint())
                && (before.generation() == null || before.generation() == run.generation());
        int count = again ? before.count() + 1 : 1;
        Duration delay = isUnseen(failure, status.stack())
                ? UNSEEN_DELAY.plusMillis(Math.round(random.getAsDouble() * 60_000))
                : nextDelay(failure, count, retry);
        String next = delay == null ? null : now.plus(delay).toString();
        String message = failure.reason() == Reason.Cancelled
                ? failure.message() + "; annotate the Stack with " + Requests.RECONCILE + " to run it again"
                : failure.message();
        return new FailureStatus(
                count,
                failure.reason().name(),
                message,
                run.fingerprint(),
                run.generation(),
                run.update(),
                since(again ? before : null, failure, now),
                now.toString(),
                next);
    }

    /** A new reason is a new trouble: an outage that ends in a lock must not look like a lock of that age. */
    private static String since(FailureStatus before, Failure failure, Instant now) {
        boolean same = before != null
                && before.since() != null
                && failure.reason().name().equals(before.reason());
        return same ? before.since() : now.toString();
    }

    /** Where locks are not seen, somebody's command in the middle of a create looks like one that died. */
    private static boolean isUnseen(Failure failure, StackStatus.StackIdentity stack) {
        boolean mayLive = failure.reason() == Reason.PendingCreates
                && stack != null
                && BackendFiles.of(stack.backend()).isEmpty();
        return failure.kind() == Failure.Kind.INVALID && (mayLive || UNSEEN.contains(failure.reason()));
    }

    /** Null when nothing but a person or a changed input leads on. */
    private Duration nextDelay(Failure failure, int count, RetryPolicy retry) {
        return switch (failure.kind()) {
            case INVALID, CANCELLED -> null;
            case FAILED, TIMED_OUT -> retry.delay(count, FAILED_LIMIT, random.getAsDouble());
            case TRANSIENT -> retry.delay(count, TRANSIENT_LIMIT, random.getAsDouble());
            case LOCKED -> LOCKED_DELAY.plusMillis(Math.round(random.getAsDouble() * 5000));
        };
    }
}
