package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunQueue;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.RunState;
import io.stackwright.operator.execution.job.TrackedRun.Stage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The runs that this process looks after, which of them may start, and what the cluster shows of each. Guarded by its
 * executor.
 */
final class JobRuns {

    /**
     * How long an end that nobody asks for is kept. That of a run without a Job is nowhere else: whoever is to write it down,
     * and cannot, asks for it every five minutes at least.
     */
    private static final Duration UNWANTED = Duration.ofMinutes(10);

    private final JobWatch watch;
    private final Clock clock;
    private final Map<String, TrackedRun> runs = new HashMap<>();
    private final RunQueue<TrackedRun> waiting = new RunQueue<>();

    /** Runs whose end is recorded, although the cluster still shows their Jobs. */
    private final RecentUids acknowledged = new RecentUids();

    private boolean allFound;

    JobRuns(JobWatch watch, Clock clock) {
        this.watch = watch;
        this.clock = clock;
    }

    /**
     * The run of an Update, found in the cluster when another process has started it: by the Job of its name, beside it.
     * What a Job says of itself may be said by anybody who makes Jobs, of any Update.
     */
    Optional<TrackedRun> find(String namespace, String update, String uid) {
        TrackedRun known = runs.get(uid);
        if (known != null) {
            known.want(clock.instant());
        }
        if (known != null || acknowledged.contains(uid)) {
            return Optional.ofNullable(known);
        }
        Optional<TrackedRun> found = watch.job(namespace, update, uid)
                .filter(job -> !TrackedRun.isRecorded(job))
                .map(TrackedRun::new);
        found.ifPresent(run -> runs.put(uid, run));
        return found;
    }

    /**
     * Finds all that other processes have started, once, before the first one starts here: each has its worker, also where
     * its Stack is not looked at yet.
     *
     * @param isOpen whether an Update is there whose run has not ended: a Job that somebody has made up takes no worker
     */
    void findAll(Predicate<RunKey> isOpen) {
        if (allFound || waiting.size() == 0) {
            return;
        }
        watch.jobs().stream()
                .map(job -> new TrackedRun(job).key())
                .filter(isOpen)
                .forEach(run -> find(run.stack().namespace(), run.update(), run.updateUid()));
        allFound = true;
    }

    /**
     * Whether it has been handed over or found already. One whose Job somebody has taken away, or whose end nobody was to
     * have while our finalizer was off its Update, and which is handed over again all the same, had not begun.
     */
    boolean isUnderWay(RunKey run) {
        return find(run.stack().namespace(), run.update(), run.updateUid())
                .filter(known -> !isGone(known) && !known.hasEndedElsewhere())
                .isPresent();
    }

    Optional<TrackedRun> known(String uid) {
        return Optional.ofNullable(runs.get(uid));
    }

    /** A run that was handed over. */
    TrackedRun add(RunRequest request) {
        TrackedRun run = new TrackedRun(request);
        String uid = request.run().updateUid();
        runs.put(uid, run);
        acknowledged.remove(uid);
        return run;
    }

    /** It waits for its turn. */
    void queue(RunRequest request, TrackedRun run) {
        waiting.add(request, run).forEach(this::remove);
    }

    /** Whether it was waiting, and does not any more. */
    boolean unqueue(TrackedRun run) {
        return waiting.remove(run);
    }

    /** Whether it was waiting, and is forgotten; another one of its Stack gets its place. */
    boolean withdraw(TrackedRun run) {
        boolean waits = waiting.hold(run);
        if (waits) {
            remove(run);
        }
        return waits;
    }

    void remove(TrackedRun run) {
        runs.remove(run.key().updateUid());
    }

    /** This is what it has come to; kept for those who ask. */
    void end(TrackedRun run, Optional<RunOutcome> outcome) {
        run.end(outcome);
        run.want(clock.instant());
    }

    /**
     * Forgets ends that nobody asks for, as of an Update that is not ours any more: each may take some megabytes. Who asks
     * all the same finds a run with a Job again, if that is not marked as recorded: its result is still there.
     */
    void forgetUnwanted() {
        Instant since = clock.instant().minus(UNWANTED);
        runs.values().removeIf(run -> run.isUnwantedSince(since) && (run.stage() == Stage.ENDED || isGone(run)));
    }

    /** Its Update is deleted: forgets it, unless a Job may come of it or has. */
    void gone(String uid) {
        known(uid)
                .filter(run -> unqueue(run) || run.stage() == Stage.ENDED || isGone(run))
                .ifPresent(this::remove);
    }

    /** Its end is recorded: it is not found again. */
    Optional<TrackedRun> acknowledge(String uid) {
        Optional<TrackedRun> known = known(uid);
        runs.remove(uid);
        acknowledged.add(uid);
        return known;
    }

    /**
     * Takes those whose turn it is out of the queue; one at a time for each Pulumi stack, also where one may be lost: nobody
     * knows then whether it goes on.
     */
    List<TrackedRun> start(int workers) {
        if (waiting.size() == 0) {
            return List.of();
        }
        Set<String> busy = new HashSet<>();
        int active = 0;
        for (TrackedRun run : runs.values()) {
            if (isActive(run)) {
                busy.add(run.identity());
                active += isAtWork(run) ? 1 : 0;
            }
        }
        List<TrackedRun> started = new ArrayList<>();
        while (active + started.size() < workers) {
            Optional<TrackedRun> next = waiting.poll(request ->
                    !busy.contains(TrackedRun.told(request.run().stack().namespace(), JobObjects.identity(request)))
                            && busy.add(JobObjects.identity(request)));
            if (next.isEmpty()) {
                break;
            }
            next.get().stage(Stage.MAKING);
            started.add(next.get());
        }
        return started;
    }

    private boolean isActive(TrackedRun run) {
        return run.stage() == Stage.MAKING || run.stage() == Stage.MADE && !isGone(run);
    }

    /** Whether somebody has taken its Job away. */
    private boolean isGone(TrackedRun run) {
        return run.stage() == Stage.MADE && run.isSeen() && watch.job(run.key()).isEmpty();
    }

    private boolean isHindered(TrackedRun run) {
        if (run.stage() == Stage.MAKING) {
            return run.event().isPresent();
        }
        return watch.job(run.key())
                .filter(job -> view(run, job) instanceof JobView.Waiting(var hindrance) && hindrance.isPresent())
                .isPresent();
    }

    /** Whether one that is active takes a worker. */
    private boolean isAtWork(TrackedRun run) {
        if (run.stage() == Stage.MAKING) {
            return run.event().isEmpty();
        }
        return watch.job(run.key()).map(job -> view(run, job).isAtWork()).orElse(true);
    }

    int waiting() {
        return waiting.size();
    }

    /** Those that have a pod at work, as far as is known. */
    int active() {
        return (int) runs.values().stream()
                .filter(run -> isActive(run) && isAtWork(run))
                .count();
    }

    /** Those whose turn it was, and which cannot start. */
    int hindered() {
        return (int) runs.values().stream()
                .filter(run -> isActive(run) && isHindered(run))
                .count();
    }

    /** Those that have a Job; first those whose events were looked at the longest ago. */
    List<TrackedRun> made() {
        return runs.values().stream()
                .filter(run -> run.stage() == Stage.MADE)
                .sorted(Comparator.comparingLong(TrackedRun::lookedForEvents))
                .toList();
    }

    /** Whether this process looks after the run of that Update. */
    boolean isOurs(String uid) {
        return known(uid)
                .filter(run -> run.stage() != Stage.ENDED && !isGone(run))
                .isPresent();
    }

    /** What Job and pods show of the run. */
    JobView view(TrackedRun run, Job job) {
        run.markSeen();
        List<Pod> pods = watch.pods(job);
        // One that was over its deadline has lost the pod that told what it waited for.
        Optional<RunState.Hindrance> told = pods.isEmpty() ? run.event().or(run::hindrance) : run.event();
        return JobView.of(job, pods, told, clock.instant());
    }

    /** What is known of the run's end besides its own report. */
    JobReports.Circumstances circumstances(TrackedRun run, Optional<Job> job) {
        Optional<Failure> over = job.flatMap(
                found -> view(run, found) instanceof JobView.Over(Failure why) ? Optional.of(why) : Optional.empty());
        return new JobReports.Circumstances(
                over,
                job.map(found -> JobView.stopped(found, watch.pods(found))).orElseGet(JobView::stopped),
                claimed -> job.flatMap(found -> watch.doubt(found, claimed.host(), claimed.instance())),
                run.isCancelled() || job.filter(TrackedRun::isCancelled).isPresent(),
                job.filter(TrackedRun::hasGivenPassphrase).isPresent());
    }
}
