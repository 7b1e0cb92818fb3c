package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.execution.Executor;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunState;
import io.stackwright.operator.stack.decide.ActiveRun;
import io.stackwright.operator.stack.decide.AdHocUpdate;
import io.stackwright.operator.stack.decide.Problem;
import io.stackwright.operator.stack.decide.Snapshot;
import io.stackwright.operator.stack.decide.StackConditions;
import io.stackwright.operator.update.TakenMark;
import io.stackwright.operator.update.Updates;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What has become of a Stack's Updates: which one is on its way, which have ended, which wait to be taken. */
final class Runs {

    private final Updates updates;
    private final Executor executor;
    private final Executors executors;

    Runs(Executor executor, Executors executors, Updates updates) {
        this.updates = updates;
        this.executor = executor;
        this.executors = executors;
    }

    /** Whether an executor that is named in an Update is still alive. */
    interface Executors {

        ExecutorStatus self();

        /** Whether this process knows of the end of what that one runs. */
        boolean isOwn(ExecutorStatus executor);

        /** Why it cannot be said that nothing of the run lives any more; empty when it is proven. */
        Optional<Doubt> doubt(String updateUid, ExecutorStatus other);
    }

    /**
     * Why a run may still be going on.
     *
     * @param unseen whether nothing can be seen of it either way, so that a person's word is needed
     */
    record Doubt(String why, boolean unseen) {}

    /** What an Update's run has come to. */
    sealed interface Standing {

        /**
         * On its way, here.
         *
         * @param hindrance what keeps it from starting, or its end from being known
         * @param running whether it is being worked on
         */
        record Active(Optional<Problem> hindrance, boolean running) implements Standing {

            boolean waitsForItsTurn() {
                return hindrance.isEmpty() && !running;
            }
        }

        /** Its executor is gone, but may still be alive. */
        record Lost(String why) implements Standing {}

        /** Ended here, with everything that it yields. */
        record Ended(RunOutcome outcome) implements Standing {}

        /** Ended under an earlier process: only its result is left. */
        record Reported(RunStatus.Result result) implements Standing {}

        /** Its executor died before it could report an end. */
        record Interrupted() implements Standing {}

        /** Its end is written; only our finalizer is left on it. */
        record Closed() implements Standing {}

        /** Recorded and never started. */
        record Unstarted() implements Standing {}
    }

    record Taken(Update update, Standing standing) {}

    /** Both lists in one. */
    static List<Taken> all(List<Taken> own, List<Taken> former) {
        return Stream.concat(own.stream(), former.stream()).toList();
    }

    /**
     * Updates of a Stack that had this one's name before and was re-created, restored or forced out, as far as they are
     * not let go. Nothing of them is ours, but a run of theirs may still be at work on the same Pulumi stack.
     */
    List<Taken> former(Stack stack, Collection<Update> updates) {
        return updates.stream()
                .filter(update -> update.getMetadata().getFinalizers().contains(Updates.FINALIZER))
                .filter(update -> !isPersons(update) && !Updates.isOwnedBy(update, stack))
                .map(update -> new Taken(update, standing(update, Requests.unlock(stack))))
                .toList();
    }

    /**
     * Updates that the operator has decided on and whose end is not recorded, oldest first; a person's counts once it
     * has our finalizer.
     */
    List<Taken> taken(Stack stack, Collection<Update> updates) {
        List<Taken> taken = new ArrayList<>();
        updates.stream()
                .filter(update -> update.getMetadata().getFinalizers().contains(Updates.FINALIZER))
                .filter(update -> Updates.isOwnedBy(update, stack) || isPersons(update))
                .sorted(Comparator.comparing(update -> update.getMetadata().getCreationTimestamp()))
                .forEach(update -> taken.add(new Taken(update, standing(update, Requests.unlock(stack)))));
        Updates.unrecorded(stack)
                .ifPresent(update -> taken.add(new Taken(update, standing(update, Requests.unlock(stack)))));
        return taken;
    }

    /** That of an Update whose Stack is gone, so that nobody can say a word on it. */
    Standing standing(Update update) {
        return standing(update, Optional.empty());
    }

    private Standing standing(Update update, Optional<String> unlock) {
        return switch (executor.state(
                update.getMetadata().getNamespace(),
                update.getMetadata().getName(),
                update.getMetadata().getUid())) {
            case RunState.Waiting(var hindrance) -> {
                // One that was cut short by the suspension of its Job has no pod, and waits for another one.
                offerReport(update);
                yield new Standing.Active(hindrance.map(h -> new Problem(h.reason(), h.message())), false);
            }
            case RunState.Running(var untaken) -> {
                offerReport(update);
                yield new Standing.Active(untaken.map(h -> new Problem(h.reason(), h.message())), true);
            }
            case RunState.Lost(String why, boolean unseen) -> {
                offerReport(update);
                yield lost(update, new Doubt(why, unseen), unlock).orElseGet(Standing.Interrupted::new);
            }
            case RunState.Ended(RunOutcome outcome) -> new Standing.Ended(outcome);
            case RunState.Unknown unknown -> standingOfUnknown(update, unlock);
        };
    }

    /** Its own word comes before what its executor sees. */
    private void offerReport(Update update) {
        if (update.getStatus() != null
                && update.getStatus().run() != null
                && update.getStatus().run().result() != null) {
            executor.reported(update.getMetadata().getUid());
        }
    }

    private Standing standingOfUnknown(Update cached, Optional<String> unlock) {
        ExecutorStatus seen = executorOf(cached);
        boolean mayLag = seen == null || executors.isOwn(seen);
        // One of our own that we no longer know has been closed a moment ago, and one that nobody has claimed may have
        // been claimed since: the cache lags behind that.
        Update update = mayLag ? fresh(cached) : cached;
        ExecutorStatus claimed = executorOf(update);
        if (phase(update) != null && phase(update).isFinal()) {
            return new Standing.Closed();
        }
        if (claimed == null) {
            return Requests.isCancelled(update)
                    ? new Standing.Ended(RunOutcome.cancelled("cancelled before it started"))
                    : new Standing.Unstarted();
        }
        RunStatus.Result result = update.getStatus().run().result();
        if (result != null) {
            return new Standing.Reported(result);
        }
        return executors
                .doubt(update.getMetadata().getUid(), claimed)
                .flatMap(doubt -> lost(update, doubt, unlock))
                .orElseGet(Standing.Interrupted::new);
    }

    private Update fresh(Update cached) {
        return Updates.isUnrecorded(cached) ? cached : updates.current(cached).orElse(cached);
    }

    /** A person's word is taken where nothing can be seen; it does not make a process go away that can. */
    private static Optional<Standing> lost(Update update, Doubt doubt, Optional<String> unlock) {
        // Not its name, which a Stack of the same name that is made anew gives again.
        String uid = update.getMetadata().getUid();
        if (!doubt.unseen()) {
            return Optional.of(new Standing.Lost(doubt.why()));
        }
        return unlock.filter(uid::equals).isPresent()
                ? Optional.empty()
                : Optional.of(
                        new Standing.Lost(doubt.why() + ". Only if you know that it has: kubectl annotate stack -n "
                                + update.getMetadata().getNamespace() + " "
                                + update.getSpec().stack() + " --overwrite "
                                + Requests.UNLOCK + "=" + uid));
    }

    private static ExecutorStatus executorOf(Update update) {
        RunStatus run = update.getStatus() == null ? null : update.getStatus().run();
        return run == null ? null : run.executor();
    }

    /**
     * Takes back what waits for its turn once something else is wanted: the Stack may be suspended by now, a mistake put
     * right, or a person's Update deleted. Nothing has begun, so nothing has to come to an end first.
     *
     * @return whether there was one: it is unstarted now, and all has to be looked at again
     */
    boolean withdrawn(List<Taken> taken, Snapshot snapshot) {
        return taken.stream()
                .filter(run -> run.standing() instanceof Standing.Active active && active.waitsForItsTurn())
                .map(Taken::update)
                .filter(update -> !Requests.isCancelled(update)
                        && (snapshot.isOutdated(CutShort.nameInStatus(update))
                                || isPersons(update) && update.getMetadata().getDeletionTimestamp() != null))
                .anyMatch(update -> executor.withdraw(update.getMetadata().getUid()));
    }

    /** What is on its way or may be. */
    static Optional<ActiveRun> active(List<Taken> taken) {
        return taken.stream()
                .filter(run -> run.standing() instanceof Standing.Active || run.standing() instanceof Standing.Lost)
                .map(run -> new ActiveRun(
                        run.update().getMetadata().getName(),
                        run.update().getSpec().operation(),
                        StackConditions.isWanted(
                                run.update().getSpec().operation(),
                                run.update().getSpec().isTargeted()),
                        run.standing() instanceof Standing.Lost(String why) ? Optional.of(why) : Optional.empty(),
                        run.update().getSpec().isRemedy(),
                        Requests.isCancelled(run.update()),
                        run.standing() instanceof Standing.Active active ? active.hindrance() : Optional.empty(),
                        run.standing() instanceof Standing.Active active && active.running()))
                .findFirst();
    }

    /** The oldest Update that a person made and that has not started, taken or not. */
    static Optional<Update> waiting(Collection<Update> updates, List<Taken> taken) {
        List<String> unstarted = taken.stream()
                .filter(run -> run.standing() instanceof Standing.Unstarted)
                .map(run -> run.update().getMetadata().getUid())
                .toList();
        return updates.stream()
                .filter(update -> waits(update)
                        || (isPersons(update)
                                && unstarted.contains(update.getMetadata().getUid())))
                .min(Comparator.<Update, String>comparing(
                                update -> update.getMetadata().getCreationTimestamp())
                        .thenComparing(update -> update.getMetadata().getName()));
    }

    /** Whether a person made the Update and nobody has taken it. */
    static boolean waits(Update update) {
        return isPersons(update)
                && !update.getMetadata().getFinalizers().contains(Updates.FINALIZER)
                && update.getMetadata().getDeletionTimestamp() == null
                && (phase(update) == null || phase(update) == Phase.Queued);
    }

    /** Updates that were decided on and never started. */
    static Stream<Update> unstarted(List<Taken> taken) {
        return taken.stream()
                .filter(run -> run.standing() instanceof Standing.Unstarted)
                .map(Taken::update);
    }

    /** The operator's own among them. */
    static List<Update> ownUnstarted(List<Taken> taken) {
        return unstarted(taken).filter(update -> !isPersons(update)).toList();
    }

    /**
     * A request that was taken up and whose run never started is a request still. A destroy does not tell whether it was
     * asked for; one that has been decided on may start in any case, if the Stack is being deleted at all.
     */
    static boolean requestedBefore(Stack stack, List<Taken> taken) {
        boolean deleting = stack.getMetadata().getDeletionTimestamp() != null;
        return ownUnstarted(taken).stream()
                .map(Update::getSpec)
                .anyMatch(
                        spec -> spec.cause() == Cause.Requested || (deleting && spec.operation() == Operation.Destroy));
    }

    static AdHocUpdate adHoc(Update update) {
        return new AdHocUpdate(
                update.getMetadata().getName(),
                update.getSpec().operation(),
                update.getSpec().isTargeted(),
                update.getSpec().isRemedy());
    }

    /**
     * Why a person's Update is not run. What was run once is not run again. It may not destroy: that is what deleting the
     * Stack is for. Nor may it have the operator's words, be it that they would be ignored, be it that it is a record of the
     * operator's that was restored without its owner: what it had decided on is long past. Admission cannot tell who writes,
     * so it is told here.
     */
    static Optional<String> refusal(Update update) {
        UpdateSpec spec = update.getSpec();
        if (!spec.isReadable()) {
            return Optional.of(
                    "this operator cannot read the Update's spec; compare it with `kubectl explain update.spec`");
        }
        if (TakenMark.isOfAnother(update)) {
            return Optional.of(
                    "it is a copy of an Update that was run before, as a backup has it; make a new one, without"
                            + " annotations, if it is wanted again");
        }
        if (spec.operation() == Operation.Destroy) {
            return Optional.of("an Update that a person makes cannot destroy; delete the Stack instead");
        }
        if (spec.cause() != null && spec.cause() != Cause.Requested) {
            return Optional.of("spec.cause is " + spec.cause()
                    + ", which only the operator's own Updates have; leave it out or make it Requested");
        }
        if (spec.revision() != null) {
            return Optional.of(
                    "spec.revision is set, as only in the operator's own Updates; leave it out: this runs with"
                            + " the source as it is, and the Stack's spec says which commit that is");
        }
        return Optional.ofNullable(spec.fingerprint())
                .map(text -> "spec.fingerprint is set, as only in the operator's own Updates; leave it out");
    }

    static boolean isPersons(Update update) {
        return Updates.isPersons(update);
    }

    private static Phase phase(Update update) {
        return update.getStatus() == null ? null : update.getStatus().phase();
    }
}
