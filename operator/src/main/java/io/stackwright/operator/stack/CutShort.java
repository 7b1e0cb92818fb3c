package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.stack.OutcomeRecorder.Ended;
import io.stackwright.operator.update.Updates;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;

/** What follows on a run of whose end not all is known: another one, at once or later, unless a person has stopped it. */
final class CutShort {

    private final OutcomeRecorder recorder;
    private final Clock clock;

    CutShort(OutcomeRecorder recorder, Clock clock) {
        this.recorder = recorder;
        this.clock = clock;
    }

    /**
     * It was begun although the Stack was stalled or waited for its next attempt: somebody had asked for it, for example.
     * That request is answered once there is an end, so what stood against the run does not stand against the next one.
     *
     * <p>But a loss that stood against a destroy does: after one that was cut short nobody knows how many resources there
     * were, and without that a backend that was made anew passes for one where all is gone.
     */
    void goOn(StatusDraft draft, Update update, Ended run) {
        boolean maySwallowALoss = run.what().operation() == Operation.Destroy
                && isOf(draft.status().failures(), Reason.StateMissing);
        if (!isSettled(draft.status(), update) && OutcomeRecorder.counts(run) && !maySwallowALoss) {
            OutcomeRecorder.goOn(draft, now());
        }
    }

    private static boolean isOf(StackStatus.FailureStatus failure, Reason reason) {
        return failure != null && reason.name().equals(failure.reason());
    }

    /**
     * It may have created or removed resources, which nobody has counted. One that was not at any yet, as far as its Update
     * tells, leaves the number that is known: without it a state that got lost passes for a new one, and everything is
     * created a second time. Should it have emptied the state all the same, that shows as a loss, which a person answers.
     */
    void doubtCount(StatusDraft draft, Update update) {
        Integer known = draft.status().resources();
        boolean keeps = known != null
                && known > 0
                && update.getSpec().operation() != Operation.Destroy
                && !hasBegunWithAny(
                        update.getStatus() == null ? null : update.getStatus().run());
        if (!keeps) {
            OutcomeRecorder.uncounted(draft, update.getSpec().operation());
        }
    }

    private static boolean hasBegunWithAny(RunStatus run) {
        if (run == null) {
            return false;
        }
        return run.progress() != null
                || (run.changes() != null && run.changes().changed() > 0)
                || (run.steps() != null && !run.steps().isEmpty());
    }

    /** What cuts one run short after the other must not do so in a loop; once it can happen to any. */
    void diedAgain(StatusDraft draft, Stack stack, Update update, Ended run, String why, Collection<Update> known) {
        // What has a reason of its own, eviction for example, is a failure the first time already.
        if (!isSettled(draft.status(), update)
                && OutcomeRecorder.counts(run)
                && Traces.diedBefore(stack, update, known)) {
            recorder.diedAgain(draft, run.keepingPin(), why, SpecRules.retryOrDefault(stack.getSpec()), now());
        }
    }

    /** What a person has stopped does not start again by itself, whatever became of the operator meanwhile. */
    void keepCancelled(StatusDraft draft, Stack stack, Update update, Ended run, String besides) {
        if (Requests.isCancelled(update)) {
            recorder.record(
                    draft,
                    run.keepingPin(),
                    RunOutcome.cancelled("cancelled on request; " + besides),
                    SpecRules.retryOrDefault(stack.getSpec()),
                    now());
        }
    }

    /** Whether the Stack's status has what the run has come to; a person's word is that, too. */
    private static boolean isSettled(StackStatus status, Update update) {
        return isRecorded(status, update) || Requests.isCancelled(update);
    }

    static boolean isRecorded(StackStatus status, Update update) {
        String name = nameInStatus(update);
        return name != null
                && ((status.applied() != null && name.equals(status.applied().update()))
                        || (status.failures() != null
                                && name.equals(status.failures().update())));
    }

    /** Null for a run that has no Update. */
    static String nameInStatus(Update update) {
        return Updates.isUnrecorded(update) ? null : update.getMetadata().getName();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }
}
