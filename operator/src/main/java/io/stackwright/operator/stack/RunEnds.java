package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.Executor;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.runner.BackendHistory;
import io.stackwright.operator.stack.OutcomeRecorder.Ended;
import io.stackwright.operator.stack.decide.Problem;
import io.stackwright.operator.telemetry.EventRecorder;
import io.stackwright.operator.update.Updates;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes up what runs have come to: into the Stack's status first, then into the Update itself. */
final class RunEnds {

    private static final Logger LOG = LoggerFactory.getLogger(RunEnds.class);

    private final OutcomeRecorder recorder;
    private final CutShort cutShort;
    private final OutputsStep outputs;
    private final Executor executor;
    private final Updates updates;
    private final EventRecorder events;
    private final Footing footing;
    private final Clock clock;
    private final boolean ownsFolders;

    /** @param ownsFolders whether a folder of a backend is one of this process's own disk */
    RunEnds(
            OutcomeRecorder recorder,
            OutputsStep outputs,
            Executor executor,
            Updates updates,
            EventRecorder events,
            Footing footing,
            Clock clock,
            boolean ownsFolders) {
        this.ownsFolders = ownsFolders;
        this.recorder = recorder;
        this.cutShort = new CutShort(recorder, clock);
        this.outputs = outputs;
        this.executor = executor;
        this.updates = updates;
        this.events = events;
        this.footing = footing;
        this.clock = clock;
    }

    private static final String DIED = "its executor died before it could report an end";

    /** An end that is in the Stack's draft and not yet in its Update. */
    record End(Update update, Phase phase, Optional<UpdateStatus.Failure> failure, String message) {}

    List<End> record(StatusDraft draft, Stack stack, List<Runs.Taken> taken, Collection<Update> known) {
        List<End> ends = new ArrayList<>();
        for (Runs.Taken run : taken) {
            switch (run.standing()) {
                case Runs.Standing.Ended(RunOutcome outcome) ->
                    ends.add(ended(draft, stack, run.update(), outcome, known));
                case Runs.Standing.Reported(RunStatus.Result result) ->
                    ends.add(reported(draft, stack, run.update(), result));
                case Runs.Standing.Interrupted interrupted -> {
                    Ended cut = ended(draft, stack, run.update());
                    ends.add(interrupted(draft, stack, run.update(), DIED));
                    cutShort.diedAgain(draft, stack, run.update(), cut, DIED, known);
                }
                case Runs.Standing.Closed closed -> updates.letGo(run.update());
                case Runs.Standing.Active active -> {}
                case Runs.Standing.Lost lost -> {}
                case Runs.Standing.Unstarted unstarted -> {}
            }
        }
        return ends;
    }

    /** Ends what a former Stack of this name has left, without taking anything of it as this Stack's own. */
    void closeFormer(List<Runs.Taken> former) {
        for (Runs.Taken run : former) {
            switch (run.standing()) {
                case Runs.Standing.Ended(RunOutcome outcome) -> closeFormer(run.update(), phase(outcome.result()));
                case Runs.Standing.Reported(RunStatus.Result result) -> closeFormer(run.update(), phase(result));
                case Runs.Standing.Interrupted interrupted -> closeFormer(run.update(), Phase.Interrupted);
                case Runs.Standing.Unstarted unstarted -> closeFormer(run.update(), Phase.Superseded);
                case Runs.Standing.Closed closed -> updates.letGo(run.update());
                case Runs.Standing.Active active -> {}
                case Runs.Standing.Lost lost -> {}
            }
        }
    }

    private void closeFormer(Update update, Phase phase) {
        updates.end(update, phase, Optional.empty(), "its Stack is gone; another one has its name");
        executor.acknowledge(update.getMetadata().getUid());
    }

    private End ended(StatusDraft draft, Stack stack, Update update, RunOutcome outcome, Collection<Update> known) {
        boolean counted = draft.status().current() == null && CutShort.isRecorded(draft.status(), update);
        if (counted) {
            // The Stack has it already; writing the Update's own end must have failed.
            return end(update, outcome);
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Ended run = ended(draft, stack, update);
        OutputsStep.Step published = outputs.publish(draft, stack, update, run.generation(), outcome);
        boolean superseded = isSuperseded(stack, update, outcome);
        if (outcome.result() == RunStatus.Result.Interrupted
                && outcome.resources().isEmpty()
                && isCurrent(draft.status().current(), update)) {
            cutShort.doubtCount(draft, update);
        }
        recorder.record(
                draft,
                superseded ? run.bySuperseding() : run,
                published.outcome(),
                SpecRules.retryOrDefault(stack.getSpec()),
                now);
        if (outcome.result() == RunStatus.Result.Interrupted && !superseded) {
            cutShort.keepCancelled(draft, stack, update, run, "it left no report");
            cutShort.goOn(draft, update, run);
            cutShort.diedAgain(draft, stack, update, run, message(update, outcome), known);
        }
        boolean halfDone = OutcomeRecorder.isPart(run) && !outcome.succeeded() && wasBegun(update);
        if (halfDone || published.unpublished().isPresent()) {
            OutcomeRecorder.doubtApplied(draft);
        }
        if (outcome.succeeded() && OutcomeRecorder.verifies(run)) {
            recorder.verified(draft, run, shown(update));
        }
        return superseded
                ? superseded(update, published.outcome())
                : published
                        .unpublished()
                        .map(why -> unpublished(update, outcome, why))
                        .orElseGet(() -> end(update, published.outcome()));
    }

    /** Nobody asked for its end and the Stack stays: it was stopped because it was no longer what is wanted. */
    private static boolean isSuperseded(Stack stack, Update update, RunOutcome outcome) {
        return outcome.result() == RunStatus.Result.Cancelled
                && (stack.getMetadata().getDeletionTimestamp() == null
                        || update.getSpec().operation() == Operation.Destroy)
                && !Requests.isCancelled(update);
    }

    private End superseded(Update update, RunOutcome outcome) {
        boolean started = shown(update).isPresent();
        // Nobody but a person knows whether what a person asked for is still wanted.
        String why = Runs.isPersons(update) && !started
                ? "it had not started when the Stack's spec changed; make another Update if it is still wanted"
                : "it was no longer what is wanted, and had not started or spec.updates.onSpecChangeWhileRunning is"
                        + " Cancel: " + message(update, outcome);
        return new End(
                update,
                started ? Phase.Cancelled : Phase.Superseded,
                Optional.of(new UpdateStatus.Failure(Reason.Superseded.name(), why, true)),
                why);
    }

    /** What a run has shown, if it was begun: the whole of it is in its Update alone. */
    private Optional<RunStatus> shown(Update update) {
        return updates.find(
                        update.getMetadata().getNamespace(),
                        update.getMetadata().getName())
                .map(Update::getStatus)
                .map(UpdateStatus::run);
    }

    /** What is known of it may be older than the claim. */
    private boolean wasBegun(Update update) {
        return Traces.wasClaimed(update) || shown(update).isPresent();
    }

    private static boolean isCurrent(StackStatus.CurrentStatus current, Update update) {
        return current != null && Objects.equals(current.update(), CutShort.nameInStatus(update));
    }

    private static End end(Update update, RunOutcome outcome) {
        return new End(
                update, phase(outcome.result()), outcome.failure().map(RunEnds::failure), message(update, outcome));
    }

    /** What the run was started with: the Stack's status has it; a person's Update has it nowhere else. */
    private Ended ended(StatusDraft draft, Stack stack, Update update) {
        Ended run = asStarted(draft, stack, update);
        return Runs.isPersons(update) ? run.ofAPerson() : run;
    }

    private Ended asStarted(StatusDraft draft, Stack stack, Update update) {
        String name = CutShort.nameInStatus(update);
        StackStatus.CurrentStatus current = draft.status().current();
        if (isCurrent(current, update) && current.generation() != null) {
            return new Ended(
                    name,
                    update.getSpec(),
                    current.revision(),
                    current.fingerprint(),
                    footing,
                    current.generation(),
                    Boolean.TRUE.equals(current.pins()));
        }
        return new Ended(
                name,
                update.getSpec(),
                update.getSpec().revision(),
                update.getSpec().fingerprint(),
                footing,
                stack.getMetadata().getGeneration(),
                false);
    }

    /** An earlier process got that far. Its outputs are lost unless it had recorded them; the next Up has them again. */
    private End reported(StatusDraft draft, Stack stack, Update update, RunStatus.Result result) {
        if (result == RunStatus.Result.Interrupted) {
            return interrupted(draft, stack, update, "it was stopped, with the operator or the Job that ran it");
        }
        if (result == RunStatus.Result.Succeeded && update.getSpec().operation() == Operation.Destroy) {
            // It has no outputs that could be lost; and it need not be proven a second time that nothing is left.
            return ended(draft, stack, update, RunOutcome.destroyed(), List.of());
        }
        Ended run = ended(draft, stack, update);
        boolean untold = clearCurrent(draft, update);
        Phase phase = phase(result);
        StackStatus.FailureStatus recorded = draft.status().failures();
        if (recorded != null && update.getMetadata().getName().equals(recorded.update())) {
            boolean retryable = recorded.nextAttemptAt() != null;
            return new End(
                    update,
                    phase,
                    Optional.of(new UpdateStatus.Failure(recorded.reason(), recorded.message(), retryable)),
                    recorded.message());
        }
        if (result == RunStatus.Result.Succeeded && update.getSpec().isRemedy()) {
            OutcomeRecorder.remedied(draft);
        }
        if (result == RunStatus.Result.Cancelled) {
            cutShort.keepCancelled(draft, stack, update, run, "the operator that ran it has gone since");
        }
        cutShort.goOn(draft, update, run);
        boolean publishes =
                result == RunStatus.Result.Succeeded && update.getSpec().operation() == Operation.Refresh;
        if (untold && (OutcomeRecorder.isPart(run) || publishes)) {
            OutcomeRecorder.doubtApplied(draft);
        }
        return new End(update, phase, Optional.empty(), update.getSpec().operation() + " " + phase);
    }

    private End interrupted(StatusDraft draft, Stack stack, Update update, String why) {
        Ended run = ended(draft, stack, update);
        boolean untold = clearCurrent(draft, update);
        cutShort.keepCancelled(draft, stack, update, run, "the operator that ran it has gone since");
        cutShort.goOn(draft, update, run);
        if (untold && OutcomeRecorder.isPart(run)) {
            OutcomeRecorder.doubtApplied(draft);
        }
        return new End(
                update,
                Phase.Interrupted,
                Optional.of(new UpdateStatus.Failure(Reason.Interrupted.name(), why, true)),
                why);
    }

    /** Whether the Stack's status did not have the end yet, and so knew nothing of what it means. */
    private boolean clearCurrent(StatusDraft draft, Update update) {
        boolean untold = isCurrent(draft.status().current(), update);
        if (untold) {
            draft.current(null);
            cutShort.doubtCount(draft, update);
        }
        return untold;
    }

    /** For what the Stack's status cannot tell. */
    void warn(Stack stack, Problem problem) {
        events.warning(stack, problem.reason().name(), "Reconcile", problem.message());
    }

    /** That a Stack begins to wait for a person is worth an Event where no run has told why. */
    void announceStall(Stack stack, StackStatus now) {
        Optional<String> before = Optional.ofNullable(stack.getStatus())
                .flatMap(status -> status.condition(Condition.STALLED))
                .map(Condition::reason);
        now.condition(Condition.STALLED)
                .filter(stalled -> !before.equals(Optional.of(stalled.reason())))
                .ifPresent(stalled -> events.warning(stack, stalled.reason(), "Reconcile", stalled.message()));
    }

    /** The Stack's status has the ends now: the Updates get theirs, and are let go. */
    void close(Stack stack, StackStatus status, List<End> ends) {
        for (End end : ends) {
            updates.end(end.update(), end.phase(), end.failure(), end.message());
            executor.acknowledge(end.update().getMetadata().getUid());
            announce(stack, end);
            removed(stack, end).ifPresent(BackendHistory::forget);
        }
    }

    /**
     * What a destroyed stack has left goes before its Stack's status forgets which one that was, if the end is written
     * down in the Update already; else it goes when all is written.
     */
    void tidy(Stack stack, List<End> ends) {
        for (End end : ends) {
            removed(stack, end).filter(identity -> isOnRecord(end.update())).ifPresent(BackendHistory::forget);
        }
    }

    private boolean isOnRecord(Update update) {
        return !Updates.isUnrecorded(update)
                && updates.current(update)
                        .map(Update::getStatus)
                        .map(UpdateStatus::run)
                        .filter(run -> run.result() == RunStatus.Result.Succeeded)
                        .isPresent();
    }

    /** The Pulumi stack that the end of a run was the end of. */
    private Optional<StackIdentity> removed(Stack stack, End end) {
        return Optional.ofNullable(stack.getStatus())
                .map(StackStatus::stack)
                .filter(identity -> ownsFolders
                        && end.phase() == Phase.Succeeded
                        && end.update().getSpec().operation() == Operation.Destroy);
    }

    private void announce(Stack stack, End end) {
        LOG.atInfo()
                .addKeyValue("update", end.update().getMetadata().getName())
                .addKeyValue("operation", end.update().getSpec().operation())
                .addKeyValue("phase", end.phase())
                .log("update ended");
        String action = String.valueOf(end.update().getSpec().operation());
        String reason = end.failure()
                .map(UpdateStatus.Failure::reason)
                .orElse(end.phase().name());
        if (end.phase() == Phase.Succeeded || reason.equals(Reason.Superseded.name())) {
            events.normal(stack, reason, action, end.message());
        } else {
            events.warning(stack, reason, action, end.message());
        }
    }

    private static UpdateStatus.Failure failure(Failure failure) {
        boolean retryable = failure.kind() != Failure.Kind.INVALID && failure.kind() != Failure.Kind.CANCELLED;
        return new UpdateStatus.Failure(failure.reason().name(), failure.message(), retryable);
    }

    private static Phase phase(RunStatus.Result result) {
        return switch (result) {
            case Succeeded -> Phase.Succeeded;
            case Failed -> Phase.Failed;
            case Cancelled -> Phase.Cancelled;
            case Interrupted -> Phase.Interrupted;
        };
    }

    /** An up follows, which publishes them or makes the Stack say why not. */
    private static End unpublished(Update update, RunOutcome outcome, String why) {
        End end = end(update, outcome);
        return new End(update, end.phase(), end.failure(), end.message() + "; its outputs are not published: " + why);
    }

    private static String message(Update update, RunOutcome outcome) {
        return outcome.failure()
                .map(Failure::message)
                .orElse(update.getMetadata().getName() + ": " + update.getSpec().operation() + " succeeded");
    }

    /** An outcome that turned into a failure after the run: its outputs could not be published. */
    static RunOutcome failedAfterwards(RunOutcome outcome, Failure failure) {
        return new RunOutcome(
                RunStatus.Result.Failed,
                Optional.of(failure),
                outcome.adopted(),
                Optional.empty(),
                outcome.resources(),
                Map.copyOf(outcome.tags()));
    }
}
