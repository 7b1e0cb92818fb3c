package io.stackwright.operator.stack;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.execution.Executor;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.stack.Snapshotter.Gathered;
import io.stackwright.operator.stack.decide.ActiveRun;
import io.stackwright.operator.stack.decide.Decider;
import io.stackwright.operator.stack.decide.NextStep;
import io.stackwright.operator.stack.decide.Problem;
import io.stackwright.operator.stack.decide.Snapshot;
import io.stackwright.operator.stack.decide.StackConditions;
import io.stackwright.operator.telemetry.Tracing;
import io.stackwright.operator.update.History;
import io.stackwright.operator.update.UnstartedRecords;
import io.stackwright.operator.update.Updates;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One look at a Stack: record what has ended, gather a snapshot, decide, write status, carry the step out.
 *
 * <p>Nothing here waits for Pulumi, Git or a pod. The order of writes is that of docs/decisions/0001-run-identity.md.
 */
final class StackProcess {

    private static final Logger LOG = LoggerFactory.getLogger(StackProcess.class);

    private static final int UNPROCESSABLE = 422;
    private static final int MAX_WHY = 300;

    private final Snapshotter snapshotter;
    private final Runs runs;
    private final RunEnds ends;
    private final RunStarts starts;
    private final Departure departure;
    private final LostOutputs lostOutputs;
    private final Executor executor;
    private final Updates updates;
    private final UnstartedRecords unstarted;
    private final Pacing pacing;
    private final Decider decider = new Decider();
    private final StackConditions conditions = new StackConditions();

    StackProcess(
            Snapshotter snapshotter,
            Runs runs,
            RunEnds ends,
            RunStarts starts,
            Departure departure,
            LostOutputs lostOutputs,
            Executor executor,
            Updates updates,
            Pacing pacing) {
        this.pacing = pacing;
        this.snapshotter = snapshotter;
        this.runs = runs;
        this.ends = ends;
        this.starts = starts;
        this.departure = departure;
        this.lostOutputs = lostOutputs;
        this.executor = executor;
        this.updates = updates;
        this.unstarted = new UnstartedRecords(updates);
    }

    /**
     * What came of the look.
     *
     * @param released the Stack may go: its finalizer is to be dropped
     * @param due when to look again even if nothing happens
     */
    record Result(boolean released, Optional<Duration> due) {}

    /**
     * Looks at a Stack.
     *
     * @param stack must not be changed: it may be the cached object
     * @param known its Updates
     * @param writer writes the status so that the next look sees it
     */
    Result look(Stack stack, Collection<Update> known, StackDirectory directory, Consumer<StackStatus> writer) {
        StatusDraft draft = new StatusDraft(stack.getStatus());
        List<Runs.Taken> taken = runs.taken(stack, known);
        List<Runs.Taken> former = runs.former(stack, known);
        ends.closeFormer(former);
        List<RunEnds.End> ended = ends.record(draft, stack, taken, known);
        RunStarts.putBack(draft, taken);
        RunStarts.doubtBegun(draft, taken);
        Optional<Duration> outputsDue = lostOutputs.notice(draft, stack, directory);

        Optional<Update> waiting = refuseOrWaiting(stack, known, taken);
        Gathered gathered = snapshotter.gather(
                stack,
                draft.status(),
                new Snapshotter.Pending(
                        Runs.active(Runs.all(taken, former)),
                        waiting.map(Runs::adHoc),
                        Runs.requestedBefore(stack, taken),
                        mayHaveLeft(stack, draft.status(), known, ended),
                        Traces.destroyCutShort(stack, known, ended)),
                directory);
        if (runs.withdrawn(taken, gathered.snapshot())) {
            return look(stack, known, directory, writer);
        }
        NextStep decided = pacing.admit(
                Snapshotter.keyOf(stack),
                decider.decide(gathered.snapshot()),
                gathered.identity(),
                gathered.snapshot());
        Prepared prepared = prepareOrAwait(draft, stack, gathered, decided, taken, waiting, known);
        NextStep step = prepared.step();
        Optional<RunRequest> request = prepared.request();

        describe(draft, gathered);
        draft.observed(
                stack.getMetadata().getGeneration(),
                conditions.build(
                        gathered.snapshot(),
                        request.map(run -> observing(run, step)).orElse(step)));
        if (draft.differsFrom(stack.getStatus())) {
            ends.tidy(stack, ended);
            write(stack, draft, writer);
            if (ended.isEmpty()) {
                ends.announceStall(stack, draft.status());
            }
        }
        ends.close(stack, draft.status(), ended);
        prepared.superseded().forEach(this::supersede);
        request.ifPresent(this::submit);
        if (step instanceof NextStep.Cancel cancel) {
            cancel(Runs.all(taken, former), cancel.run().update());
        }
        waiting.filter(update -> !isStarted(step, update)).ifPresent(updates::queue);
        taken.forEach(this::show);
        prune(stack, draft.status(), known, ended);
        if (step instanceof NextStep.Release(NextStep.Leaving leaving)) {
            Runs.all(taken, former).forEach(this::leave);
            departure.release(stack, leaving);
            return new Result(true, Optional.empty());
        }
        return new Result(false, NextLook.sooner(NextLook.due(gathered.snapshot(), step), outputsDue));
    }

    /** What the status does not tell any more, Updates do; where there are none either, what is encrypted does. */
    private boolean mayHaveLeft(Stack stack, StackStatus status, Collection<Update> known, List<RunEnds.End> ended) {
        if (stack.getMetadata().getDeletionTimestamp() == null || status.stack() != null) {
            return false;
        }
        return Traces.exist(stack, status, known, ended).orElseGet(() -> departure.hasEncrypted(stack));
    }

    /** Where a run is that is not seen by whoever executes it until it has begun. */
    private void show(Runs.Taken run) {
        if (run.standing() instanceof Runs.Standing.Active active && !executor.showsRuns()) {
            if (active.running()) {
                updates.runs(run.update());
            } else {
                active.hindrance()
                        .ifPresent(problem -> updates.waits(run.update(), problem.reason(), problem.message()));
            }
        }
    }

    /** Nobody looks at the Stack's Updates once it has gone. */
    private void leave(Runs.Taken run) {
        if (run.standing() instanceof Runs.Standing.Unstarted) {
            supersede(run.update());
        } else if (run.standing() instanceof Runs.Standing.Lost(String why)) {
            updates.end(
                    run.update(),
                    Phase.Interrupted,
                    Optional.of(new UpdateStatus.Failure(Reason.Abandoned.name(), why, false)),
                    "the Stack was given up while this could not be said to have ended: " + why);
        }
    }

    private void write(Stack stack, StatusDraft draft, Consumer<StackStatus> writer) {
        try {
            writer.accept(draft.status());
        } catch (KubernetesClientException e) {
            // The status cannot tell: an Event does.
            ends.warn(stack, refusal(e, "the status"));
            throw e;
        }
    }

    /**
     * What the API server refuses as it stands; everything else is thrown on and tried again soon.
     *
     * @param what was to be written
     */
    private static Problem refusal(KubernetesClientException e, String what) {
        if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN && e.getCode() != UNPROCESSABLE) {
            throw e;
        }
        String why = e.getStatus() == null ? "" : String.valueOf(e.getStatus().getMessage());
        return new Problem(
                Reason.ApiRefused,
                "the API server refuses " + what + " (code " + e.getCode() + "): "
                        + why.substring(0, Math.min(why.length(), MAX_WHY))
                        + "; see quota, admission policies and the operator's permissions. It is tried again");
    }

    /** A run that starts is shown as the next look will see it, so that this next look has nothing to write. */
    private static NextStep observing(RunRequest run, NextStep beneath) {
        boolean wanted = StackConditions.isWanted(
                run.operation(), !run.options().targets().isEmpty());
        return new NextStep.Observe(
                new ActiveRun(run.run().update(), run.operation(), wanted, Optional.empty()), beneath);
    }

    /** The oldest of the people's Updates that may run; those that may not are ended here. */
    private Optional<Update> refuseOrWaiting(Stack stack, Collection<Update> known, List<Runs.Taken> taken) {
        boolean deleted = stack.getMetadata().getDeletionTimestamp() != null;
        Optional<Update> waiting = Runs.waiting(known, taken);
        while (waiting.isPresent()) {
            Update first = waiting.get();
            Optional<String> refusal = Runs.refusal(first);
            if (first.getMetadata().getDeletionTimestamp() != null) {
                endUnstarted(first, Phase.Cancelled, Reason.Cancelled, "deleted before it started");
            } else if (Requests.isCancelled(first)) {
                endUnstarted(first, Phase.Cancelled, Reason.Cancelled, "cancelled before it started");
            } else if (refusal.isPresent()) {
                endUnstarted(first, Phase.Failed, Reason.InvalidSpec, refusal.get());
            } else if (deleted && !first.getSpec().isRemedy()) {
                // It would never start, and keep from its turn what the destroy may wait for.
                endUnstarted(first, Phase.Cancelled, Reason.Cancelled, "its Stack is being deleted");
            } else {
                return waiting;
            }
            known = known.stream().filter(update -> update != first).toList();
            waiting = Runs.waiting(known, taken);
        }
        return waiting;
    }

    private void endUnstarted(Update update, Phase phase, Reason reason, String message) {
        updates.end(update, phase, Optional.of(new UpdateStatus.Failure(reason.name(), message, false)), message);
    }

    private static boolean isStarted(NextStep step, Update update) {
        return step instanceof NextStep.Start start
                && start.adHoc().filter(update.getMetadata().getName()::equals).isPresent();
    }

    /**
     * A step, with the run that it starts.
     *
     * @param superseded records of runs that never started, which end once the Stack's status tells what is wanted instead
     */
    private record Prepared(NextStep step, Optional<RunRequest> request, List<Update> superseded) {}

    private Prepared prepareOrAwait(
            StatusDraft draft,
            Stack stack,
            Gathered gathered,
            NextStep step,
            List<Runs.Taken> taken,
            Optional<Update> waiting,
            Collection<Update> known) {
        try {
            return prepare(draft, stack, gathered, step, taken, waiting, known);
        } catch (KubernetesClientException e) {
            return new Prepared(new NextStep.Await(refusal(e, "an Update")), Optional.empty(), List.of());
        }
    }

    private Prepared prepare(
            StatusDraft draft,
            Stack stack,
            Gathered gathered,
            NextStep step,
            List<Runs.Taken> taken,
            Optional<Update> waiting,
            Collection<Update> known) {
        if (step instanceof NextStep.Start start) {
            Optional<Update> carriesOn = Runs.unstarted(taken)
                    .filter(update -> RunStarts.carriesOut(update, start, gathered))
                    .findFirst();
            List<Update> others = Runs.ownUnstarted(taken).stream()
                    .filter(update -> carriesOn.filter(update::equals).isEmpty())
                    .toList();
            RunRequest request = starts.prepare(draft, stack, gathered, start, carriesOn, waiting, known);
            return new Prepared(step, Optional.of(request), others);
        }
        boolean running = step instanceof NextStep.Observe
                || step instanceof NextStep.Cancel
                || step instanceof NextStep.AwaitProof;
        if (running || isOpen(step, gathered.snapshot())) {
            return new Prepared(step, Optional.empty(), List.of());
        }
        draft.current(null);
        List<Update> superseded = Runs.ownUnstarted(taken);
        if (superseded.stream().anyMatch(update -> update.getSpec().cause() == Cause.Requested)) {
            // It was to answer a request, and no other run does.
            draft.unhandled(Requests.RUNS);
        }
        return new Prepared(step, Optional.empty(), superseded);
    }

    /** Whether what is wanted is not known yet: after a restart nothing is of a source that has to be asked. */
    private static boolean isOpen(NextStep step, Snapshot snapshot) {
        return step instanceof NextStep.Await(Problem problem)
                && (snapshot.source().isBeingLookedAt() || problem.reason() == Reason.ApiRefused);
    }

    private void supersede(Update update) {
        if (unstarted.end(update, "it had not started, and was no longer what is wanted")) {
            executor.acknowledge(update.getMetadata().getUid());
        }
    }

    private static void describe(StatusDraft draft, Gathered gathered) {
        gathered.revision().ifPresent(revision -> {
            StackStatus.SourceStatus before = draft.status().source();
            boolean same = before != null
                    && revision.revision().equals(before.revision())
                    && revision.digest().equals(before.digest());
            if (!same) {
                String now = gathered.snapshot().now().toString();
                draft.source(new StackStatus.SourceStatus(revision.revision(), revision.digest(), now));
            }
            adopt(draft, gathered);
        });
    }

    /** A revision or generation that changes nothing for Pulumi is applied by being looked at. */
    private static void adopt(StatusDraft draft, Gathered gathered) {
        StackStatus.AppliedStatus applied = draft.status().applied();
        Snapshot snapshot = gathered.snapshot();
        if (applied == null
                || !snapshot.fingerprint()
                        .filter(f -> f.equals(applied.fingerprint()))
                        .isPresent()) {
            return;
        }
        String revision = gathered.revision().orElseThrow().revision();
        if (!revision.equals(applied.revision()) || applied.generation() != snapshot.generation()) {
            draft.applied(applied.carriedOver(revision, snapshot.generation()));
        }
    }

    private void submit(RunRequest request) {
        LOG.atInfo()
                .addKeyValue("update", request.run().update())
                .addKeyValue("operation", request.operation())
                .addKeyValue("cause", request.cause())
                .addKeyValue("trace", Tracing.traceId(request.run().updateUid()).orElse(""))
                .log("update starts");
        executor.submit(request);
    }

    private void cancel(List<Runs.Taken> taken, String update) {
        taken.stream()
                .filter(run -> run.update().getMetadata().getName().equals(update))
                .forEach(run -> executor.cancel(run.update().getMetadata().getUid()));
    }

    private void prune(Stack stack, StackStatus status, Collection<Update> known, List<RunEnds.End> ended) {
        boolean observed = stack.getStatus() != null
                && stack.getMetadata().getGeneration().equals(stack.getStatus().observedGeneration());
        if (ended.isEmpty() && observed) {
            return;
        }
        Integer limit = stack.getSpec() == null ? null : stack.getSpec().historyLimit();
        Set<String> justEnded =
                ended.stream().map(end -> end.update().getMetadata().getName()).collect(Collectors.toSet());
        // The history of a former Stack of this name is not ours to prune: it goes with its owner.
        List<Update> own = known.stream()
                .filter(update -> Runs.isPersons(update) || Updates.isOwnedBy(update, stack))
                .toList();
        History.surplus(own, justEnded, status, limit == null || limit < 1 ? History.DEFAULT_LIMIT : limit)
                .forEach(update -> departure.forget(stack, update));
        if (!ended.isEmpty()) {
            departure.forgetOthers(stack, known);
        }
    }
}
