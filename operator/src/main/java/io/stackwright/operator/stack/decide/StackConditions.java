package io.stackwright.operator.stack.decide;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The conditions of a Stack for what is being done next: what the table in docs/concepts.md promises,
 * in one place.
 *
 * <p>Ready is only ever a summary. Reconciling and Stalled exist only while True (kstatus).
 */
public final class StackConditions {

    /** How long a Stack stays Ready while its source cannot be reached and nothing known has changed. */
    public static final Duration AWAY_TOLERANCE = Duration.ofMinutes(10);

    /** How long somebody else may hold the lock before a person has to look; it is tried on all the same. */
    public static final Duration LOCK_TOLERANCE = Duration.ofMinutes(15);

    private record Verdict(String ready, Problem why, Optional<Problem> reconciling, Optional<Problem> stalled) {}

    /** All conditions; an unchanged status keeps its transition time. */
    public List<Condition> build(Snapshot s, NextStep step) {
        Verdict verdict = verdict(s, step);
        List<Condition> conditions = new ArrayList<>();
        conditions.add(condition(s, Condition.READY, verdict.ready(), verdict.why()));
        verdict.reconciling().ifPresent(p -> conditions.add(condition(s, Condition.RECONCILING, Condition.TRUE, p)));
        verdict.stalled().ifPresent(p -> conditions.add(condition(s, Condition.STALLED, Condition.TRUE, p)));
        source(s).ifPresent(conditions::add);
        inputs(s).ifPresent(conditions::add);
        return conditions;
    }

    private Verdict verdict(Snapshot s, NextStep step) {
        if (s.deletion().isPresent()) {
            return deleting(s, s.deletion().get(), step);
        }
        return switch (step) {
            case NextStep.Observe observe -> observing(s, observe);
            case NextStep.Cancel cancel -> cancelling(s, cancel);
            case NextStep.AwaitProof await ->
                notReady(
                        Reason.Interrupted,
                        await.run().lost().orElse(""),
                        Optional.of(new Problem(Reason.Interrupted, "waits for proof that the run has ended")));
            case NextStep.Start start when start.adHoc().isPresent() && s.isApplied() -> applied(s);
            case NextStep.Start start when start.cause() == Cause.Verify -> verifying(s);
            case NextStep.Start start -> progressing(s, start.operation() + " starts (" + start.cause() + ")");
            case NextStep.Stall stall -> stalled(stall.problem());
            case NextStep.Await await ->
                notReady(await.problem().reason(), await.problem().message(), Optional.of(await.problem()));
            case NextStep.Backoff backoff -> backingOff(s, backoff);
            // Not written for each of a thousand Stacks that wait for their turn: it changes nothing for them.
            case NextStep.Deferred deferred -> applied(s);
            case NextStep.Rest rest -> notReady(Reason.Suspended, rest.message(), Optional.empty());
            case NextStep.Settled settled -> settled(s, settled);
            case NextStep.Release release -> progressing(s, release.leaving().message());
        };
    }

    private static Verdict deleting(Snapshot s, Deletion deletion, NextStep step) {
        String lastResort = ". " + deletion.lastResort();
        return switch (step) {
            case NextStep.Stall(Problem problem) -> cannotBeDeleted(problem.reason(), problem.message() + lastResort);
            case NextStep.Backoff(var failure, Instant at) -> {
                Reason reason = Decider.reasonOf(failure);
                String message = failure.message() + "; tried again at " + at + lastResort;
                // A provider that comes with the program is missing only for as long as the source is away.
                yield needsPerson(failure, s.now()) && reason != Reason.RuntimeMissing
                        ? cannotBeDeleted(reason, message)
                        : deletingBecause(new Problem(Reason.ProgressingWithRetry, message));
            }
            case NextStep.Await(Problem problem) ->
                deletingBecause(new Problem(problem.reason(), problem.message() + lastResort));
            case NextStep.AwaitProof(ActiveRun run) ->
                deletingBecause(new Problem(Reason.Interrupted, run.lost().orElse("") + lastResort));
            case NextStep.Cancel cancel ->
                deletingBecause(new Problem(
                        Reason.Progressing, "cancelling " + cancel.run().update() + ", then going on"));
            case NextStep.Release(NextStep.Leaving leaving) ->
                deletingBecause(new Problem(Reason.Progressing, leaving.message()));
            case NextStep.Observe observe
            when observe.run().hindrance().isPresent() ->
                deletingBecause(
                        waiting(observe.run(), observe.run().hindrance().get()).why());
            default -> deletingBecause(new Problem(Reason.Progressing, "destroying the resources"));
        };
    }

    private static Verdict cannotBeDeleted(Reason reason, String message) {
        return new Verdict(
                Condition.FALSE,
                new Problem(Reason.Deleting, "cannot be deleted yet: " + message),
                Optional.empty(),
                Optional.of(new Problem(reason, message)));
    }

    private static Verdict deletingBecause(Problem reconciling) {
        return new Verdict(
                Condition.FALSE,
                new Problem(Reason.Deleting, reconciling.message()),
                Optional.of(reconciling),
                Optional.empty());
    }

    private Verdict cancelling(Snapshot s, NextStep.Cancel cancel) {
        ActiveRun run = cancel.run();
        return run.wanted()
                ? progressing(s, "cancelling " + run.update() + " (" + run.operation() + ")")
                : observing(s, new NextStep.Observe(run, cancel.beneath()));
    }

    private Verdict observing(Snapshot s, NextStep.Observe observe) {
        ActiveRun run = observe.run();
        if (run.wanted() && run.hindrance().isPresent()) {
            return waiting(run, run.hindrance().get());
        }
        if (run.wanted()) {
            return progressing(s, run.operation() + " in progress: " + run.update());
        }
        // An ad-hoc run does not change what is so of the Stack itself.
        return observe.beneath() instanceof NextStep.Start start
                        && start.adHoc().isEmpty()
                        && start.cause() != Cause.Verify
                ? progressing(s, "waits for " + run.update() + " (" + run.operation() + ") to end")
                : verdict(s, observe.beneath());
    }

    private static Verdict waiting(ActiveRun run, Problem hindrance) {
        String message = run.update() + " (" + run.operation() + ") waits: " + hindrance.message();
        Problem problem = new Problem(hindrance.reason(), message);
        return new Verdict(Condition.FALSE, problem, Optional.of(problem), Optional.empty());
    }

    private static Verdict progressing(Snapshot s, String message) {
        boolean again = s.status().failures() != null;
        return new Verdict(
                Condition.FALSE,
                new Problem(Reason.Progressing, message),
                Optional.of(new Problem(again ? Reason.ProgressingWithRetry : Reason.Progressing, message)),
                Optional.empty());
    }

    private static Verdict stalled(Problem problem) {
        return new Verdict(Condition.FALSE, problem, Optional.empty(), Optional.of(problem));
    }

    private static Verdict notReady(Reason reason, String message, Optional<Problem> reconciling) {
        return new Verdict(Condition.FALSE, new Problem(reason, message), reconciling, Optional.empty());
    }

    private static Verdict backingOff(Snapshot s, NextStep.Backoff backoff) {
        FailureStatus failure = backoff.failure();
        Problem problem = new Problem(Decider.reasonOf(failure), failure.message());
        String next = "attempt " + (failure.count() + 1) + " is due at " + backoff.at();
        if (s.unverified() && !isOlderThan(failure, AWAY_TOLERANCE, s.now())) {
            String cannot = failure.message() + "; " + next;
            return new Verdict(
                    Condition.TRUE,
                    verifying(s).why(),
                    Optional.of(new Problem(Reason.ProgressingWithRetry, cannot)),
                    Optional.empty());
        }
        if (needsPerson(failure, s.now())) {
            return stalled(new Problem(problem.reason(), failure.message() + "; " + next));
        }
        return notReady(
                problem.reason(), problem.message(), Optional.of(new Problem(Reason.ProgressingWithRetry, next)));
    }

    /** Although it is tried again: by its reason, or because others have held the lock for long. */
    private static boolean needsPerson(FailureStatus failure, Instant now) {
        Reason reason = Decider.reasonOf(failure);
        return reason.stalls() || (reason == Reason.Locked && isOlderThan(failure, LOCK_TOLERANCE, now));
    }

    private static boolean isOlderThan(FailureStatus failure, Duration age, Instant now) {
        return failure.since() != null
                && !now.isBefore(Instant.parse(failure.since()).plus(age));
    }

    private static Verdict settled(Snapshot s, NextStep.Settled settled) {
        if (settled.away().isEmpty()) {
            return applied(s);
        }
        Problem away = settled.away().get();
        boolean tolerated = s.now().isBefore(settled.awaySince().plus(AWAY_TOLERANCE));
        Verdict applied = applied(s);
        return new Verdict(
                tolerated ? Condition.TRUE : Condition.FALSE,
                tolerated ? applied.why() : away,
                Optional.of(new Problem(Reason.ProgressingWithRetry, away.message())),
                Optional.empty());
    }

    private static Verdict applied(Snapshot s) {
        StackStatus.AppliedStatus applied = s.status().applied();
        String message = applied == null
                ? "applied"
                : "applied " + applied.revision() + " by " + applied.update() + resources(s.status());
        return new Verdict(Condition.TRUE, new Problem(Reason.Applied, message), Optional.empty(), Optional.empty());
    }

    private static Verdict verifying(Snapshot s) {
        String message = applied(s).why().message()
                + "; a preview looks whether that still is what is wanted, because the fingerprint's key or Pulumi's"
                + " version is another one";
        return new Verdict(Condition.TRUE, new Problem(Reason.Applied, message), Optional.empty(), Optional.empty());
    }

    private static String resources(StackStatus status) {
        return status.resources() == null ? "" : ", " + status.resources() + " resources";
    }

    private static Optional<Condition> source(Snapshot s) {
        if (s.deletion().isPresent() || s.spec().isPresent()) {
            return s.status().condition(Condition.SOURCE_READY);
        }
        if (s.source().problem().isPresent()) {
            return Optional.of(condition(
                    s,
                    Condition.SOURCE_READY,
                    Condition.FALSE,
                    s.source().problem().get()));
        }
        return s.source()
                .revision()
                .map(revision ->
                        condition(s, Condition.SOURCE_READY, Condition.TRUE, new Problem(Reason.Succeeded, revision)))
                .or(() -> s.status().condition(Condition.SOURCE_READY));
    }

    private static Optional<Condition> inputs(Snapshot s) {
        if (s.inputs().isPresent()) {
            return Optional.of(condition(
                    s, Condition.INPUTS_READY, Condition.FALSE, s.inputs().get()));
        }
        if (s.deletion().isPresent() || s.spec().isPresent() || s.fingerprint().isEmpty()) {
            return s.status().condition(Condition.INPUTS_READY);
        }
        return Optional.of(condition(
                s, Condition.INPUTS_READY, Condition.TRUE, new Problem(Reason.Succeeded, "all references resolve")));
    }

    private static Condition condition(Snapshot s, String type, String status, Problem why) {
        String since = s.status()
                .condition(type)
                .filter(old -> old.status().equals(status))
                .map(Condition::lastTransitionTime)
                .orElse(s.now().toString());
        return new Condition(type, status, s.generation(), since, why.reason().name(), bounded(why.message()));
    }

    private static String bounded(String message) {
        return message.length() <= 4096 ? message : message.substring(0, 4095) + "…";
    }

    /** Whether an operation of the operator's own leads to the desired state. */
    public static boolean isWanted(Operation operation, boolean targeted) {
        return (operation == Operation.Up && !targeted) || operation == Operation.Destroy;
    }
}
