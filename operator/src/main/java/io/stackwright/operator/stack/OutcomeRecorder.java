package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.stack.decide.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.DoubleSupplier;

/** What the end of a run means for the Stack's status. Pure, but for the jitter that it is given. */
final class OutcomeRecorder {

    static final Duration FAILED_LIMIT = Duration.ofHours(1);
    static final Duration TRANSIENT_LIMIT = Duration.ofMinutes(10);
    static final Duration LOCKED_DELAY = Duration.ofSeconds(15);

    private final DoubleSupplier random;

    OutcomeRecorder(DoubleSupplier random) {
        this.random = random;
    }

    /**
     * A run of the operator's own that ended.
     *
     * @param what what ran
     * @param revision of the source that it ran with; null without one
     * @param fingerprint of the inputs that it ran with, or of the deletion
     * @param pins whether it was this run that pinned the identity
     */
    record Ended(
            String update,
            UpdateSpec what,
            String revision,
            String fingerprint,
            String keyId,
            long generation,
            boolean pins) {}

    void record(StatusDraft draft, Ended run, RunOutcome outcome, RetryPolicy retry, Instant now) {
        StackStatus.CurrentStatus current = draft.status().current();
        if (current != null && run.update().equals(current.update())) {
            draft.current(null);
        }
        establish(draft, run, outcome);
        outcome.resources().ifPresent(draft::resources);
        if (run.what().isRemedy() && outcome.succeeded()) {
            lift(draft, Reason.PendingCreates);
        }
        boolean counts = run.what().operation() == Operation.Destroy
                || (run.what().operation() == Operation.Up && !run.what().isTargeted());
        if (outcome.result() == RunStatus.Result.Interrupted || !counts) {
            return;
        }
        if (outcome.succeeded()) {
            succeeded(draft, run, outcome, now);
        } else {
            draft.failures(
                    failure(draft.status().failures(), run, outcome.failure().orElseThrow(), retry, now));
        }
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
        }
    }

    private static void succeeded(StatusDraft draft, Ended run, RunOutcome outcome, Instant now) {
        draft.failures(null);
        if (run.what().operation() == Operation.Destroy) {
            draft.stack(null);
            draft.applied(null);
            draft.resources(0);
            return;
        }
        draft.applied(new StackStatus.AppliedStatus(
                run.revision(),
                run.fingerprint(),
                run.keyId(),
                run.generation(),
                run.update(),
                now.toString(),
                outcome.tags().isEmpty() ? null : outcome.tags()));
    }

    private FailureStatus failure(FailureStatus before, Ended run, Failure failure, RetryPolicy retry, Instant now) {
        boolean again = before != null && Objects.equals(run.fingerprint(), before.fingerprint());
        int count = again ? before.count() + 1 : 1;
        String next = nextDelay(failure.kind(), count, retry) instanceof Duration delay
                ? now.plus(delay).toString()
                : null;
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
                again && before.since() != null ? before.since() : now.toString(),
                now.toString(),
                next);
    }

    /** Null when nothing but a person or a changed input leads on. */
    private Duration nextDelay(Failure.Kind kind, int count, RetryPolicy retry) {
        return switch (kind) {
            case INVALID, CANCELLED -> null;
            case FAILED, TIMED_OUT -> retry.delay(count, FAILED_LIMIT, random.getAsDouble());
            case TRANSIENT -> retry.delay(count, TRANSIENT_LIMIT, random.getAsDouble());
            case LOCKED -> LOCKED_DELAY.plusMillis(Math.round(random.getAsDouble() * 5000));
        };
    }
}
