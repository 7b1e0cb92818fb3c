package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.Executor;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.RunState;
import io.stackwright.operator.execution.job.TrackedRun.Stage;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.telemetry.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs each Update as a Kubernetes Job in its Stack's namespace, at most {@code workers} at once. Jobs outlive this
 * process: what it knows of them it can learn again from the cluster.
 *
 * <p>Runs that wait for a node, an image or a quota do not count, nor do those that were to have ended or whose end nobody
 * can prove: one tenant's trouble must not hold up the others.
 */
public final class JobExecutor implements Executor {

    private static final Logger LOG = LoggerFactory.getLogger(JobExecutor.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final JobWatch watch;
    private final JobMaker maker;
    private final JobStarts starts;
    private final RunInputs inputs;
    private final JobRuns runs;
    private final JobReports reports;
    private final JobStops stops;
    private final ReplacedPods replaced;
    private final JobSweep sweep;
    private final JobRounds rounds;
    private final Consumer<StackKey> waker;
    private final Metrics metrics;
    private final FinishedRuns finished;
    private final BooleanSupplier mayAct;
    private final int workers;

    private final JobThreads threads = new JobThreads();
    private volatile boolean closing;

    /**
     * What the executor works with.
     *
     * @param client changes nothing while this process does not lead
     * @param waker has a Stack looked at soon
     * @param mayAct whether this process leads
     */
    public record Parts(
            KubernetesClient client,
            RunInputs inputs,
            ApiAccess access,
            Consumer<StackKey> waker,
            Metrics metrics,
            BooleanSupplier mayAct,
            Clock clock) {}

    public JobExecutor(Parts parts, OperatorSettings settings) {
        KubernetesClient client = parts.client();
        this.inputs = parts.inputs();
        this.watch = new JobWatch(client, settings.watchNamespaces());
        this.maker =
                new JobMaker(client, inputs, parts.access(), settings.jobs().orElseThrow());
        this.starts = new JobStarts(maker);
        this.runs = new JobRuns(watch, parts.clock());
        this.reports = new JobReports(maker, inputs);
        this.stops = new JobStops(client, maker::update);
        this.replaced = new ReplacedPods(client, maker::update);
        this.sweep = new JobSweep(client, watch, maker, settings.watchNamespaces(), parts.clock());
        this.rounds = new JobRounds(
                new JobRounds.Looks(watch, starts, new JobTroubles(client, parts.clock()), replaced, sweep),
                new Round());
        this.waker = parts.waker();
        this.metrics = parts.metrics();
        this.finished = new FinishedRuns(metrics, parts.clock());
        this.mayAct = parts.mayAct();
        this.workers = settings.workers();
        metrics.observeQueue(
                () -> count(JobRuns::waiting), () -> count(JobRuns::active), () -> count(JobRuns::hindered));
    }

    private synchronized int count(ToIntFunction<JobRuns> which) {
        return which.applyAsInt(runs);
    }

    @Override
    public boolean showsRuns() {
        return false;
    }

    /**
     * Why it cannot be said that a pod has ended whose Job is not there any more; empty when it is proven. Anybody may
     * delete an object; only what the kubelet has said of its containers counts.
     *
     * @param pod its name
     * @param uid its uid
     */
    public Optional<String> doubt(String pod, String uid) {
        return watch.doubt(pod, uid);
    }

    /** Whether the pod is still to be seen. */
    public boolean isThere(String podUid) {
        return watch.isThere(podUid);
    }

    @Override
    public void start() {
        watch.start(this::changed);
        threads.every(TICK, () -> rounds.begin(threads.looks()));
    }

    @Override
    public synchronized void submit(RunRequest request) {
        if (closing || runs.isUnderWay(request.run())) {
            return;
        }
        TrackedRun run = runs.add(request);
        if (request.run().isUnrecorded()) {
            runs.end(run, Optional.of(RunOutcome.failed(JobStarts.terminating())));
            waker.accept(run.key().stack());
            return;
        }
        runs.queue(request, run);
        dispatch();
    }

    @Override
    public synchronized RunState state(String namespace, String update, String updateUid) {
        return runs.find(namespace, update, updateUid).map(this::state).orElseGet(RunState.Unknown::new);
    }

    private RunState state(TrackedRun run) {
        return switch (run.stage()) {
            case ENDED -> run.outcome().<RunState>map(RunState.Ended::new).orElseGet(RunState.Unknown::new);
            case QUEUED, MAKING -> new RunState.Waiting(run.event());
            case MADE -> stateOfMade(run);
        };
    }

    private RunState stateOfMade(TrackedRun run) {
        Optional<Job> job = watch.job(run.key());
        if (job.isEmpty()) {
            // Either not seen yet, or taken away by somebody: then the Update has to tell.
            return run.isSeen() ? new RunState.Unknown() : new RunState.Waiting();
        }
        return switch (runs.view(run, job.get())) {
            case JobView.Waiting(Optional<RunState.Hindrance> hindrance) -> {
                run.hindrance(hindrance.or(run::hindrance));
                yield new RunState.Waiting(hindrance);
            }
            case JobView.Running running -> {
                run.hindrance(Optional.empty());
                yield new RunState.Running(run.untaken());
            }
            case JobView.Overdue(String why) -> new RunState.Lost(why, false);
            case JobView.Over(Failure unreported) -> {
                take(run);
                yield run.doubt()
                        .<RunState>map(why -> new RunState.Lost(why, true))
                        .orElseGet(() -> new RunState.Running(run.untaken()));
            }
        };
    }

    /** A Job or pod has changed; on an informer's thread. */
    private void changed(String uid) {
        threads.looks().execute(() -> look(uid));
    }

    private synchronized void look(String uid) {
        if (closing || !mayAct.getAsBoolean()) {
            return;
        }
        runs.known(uid).ifPresent(this::showMade);
        dispatch();
    }

    private synchronized void showMade(TrackedRun run) {
        if (run.stage() == Stage.MADE) {
            show(run);
        }
    }

    /** The state takes up what is over; whatever differs is for the Stack to see. */
    private void show(TrackedRun run) {
        if (run.shows(state(run).toString())) {
            waker.accept(run.key().stack());
        }
    }

    private synchronized void dispatch() {
        if (!closing) {
            runs.findAll(inputs::isOpen);
            runs.start(workers).forEach(run -> threads.firstAttempts().execute(run.namespace(), () -> make(run)));
        }
    }

    private void make(TrackedRun run) {
        if (closing || !mayAct.getAsBoolean()) {
            drop(run);
            return;
        }
        switch (run.isCancelled()
                ? starts.giveUp(run.key())
                : starts.make(run.request().orElseThrow())) {
            case JobStarts.Attempt.Made made -> {
                metrics.updateStarted(Duration.ofNanos(System.nanoTime() - run.since()));
                made(run);
            }
            case JobStarts.Attempt.NotOurs notOurs -> drop(run);
            case JobStarts.Attempt.Failed(Failure failure) -> end(run, Optional.of(RunOutcome.failed(failure)));
            case JobStarts.Attempt.GivenUp givenUp ->
                end(run, Optional.of(RunOutcome.cancelled("cancelled before it started")));
            case JobStarts.Attempt.Again(RunState.Hindrance why) -> again(run, why);
        }
    }

    /** Its Stack is told, and others have its turn meanwhile. */
    private void again(TrackedRun run, RunState.Hindrance why) {
        Duration pause;
        synchronized (this) {
            pause = run.failedToStart(why);
            show(run);
            dispatch();
        }
        threads.later(pause, () -> threads.laterAttempts().execute(run.namespace(), () -> make(run)));
    }

    private void made(TrackedRun run) {
        boolean stop;
        synchronized (this) {
            run.stage(Stage.MADE);
            run.event(Optional.empty());
            stop = run.isCancelled();
        }
        if (stop) {
            cancel(run.key().updateUid());
        }
    }

    /** It is not ours to start: whoever decides next sees that it has not. */
    private synchronized void drop(TrackedRun run) {
        sweep.soon();
        runs.remove(run);
        waker.accept(run.key().stack());
        dispatch();
    }

    /** Whether this is what it has ended with: the first one counts, whoever looks at the same report later. */
    private boolean end(TrackedRun run, Optional<RunOutcome> outcome) {
        synchronized (this) {
            if (run.stage() == Stage.ENDED) {
                return false;
            }
            runs.end(run, outcome);
            dispatch();
        }
        waker.accept(run.key().stack());
        remove(run, maker::disarm);
        return true;
    }

    /** What is left behind now, the sweep removes. */
    private void remove(TrackedRun run, Consumer<RunKey> objects) {
        try {
            objects.accept(run.key());
        } catch (KubernetesClientException e) {
            LOG.atWarn().setCause(e).addKeyValue("update", run.key().update()).log("objects of a run were left behind");
            sweep.soon();
        }
    }

    @Override
    public synchronized void reported(String updateUid) {
        runs.known(updateUid).filter(run -> run.stage() == Stage.MADE).ifPresent(this::take);
    }

    /** Takes the report up, once at a time. */
    private void take(TrackedRun run) {
        if (!run.isTaking() && !closing) {
            run.taking(true);
            threads.calls().execute(run.namespace(), () -> takeNow(run));
        }
    }

    private void takeNow(TrackedRun run) {
        Optional<Job> job = watch.job(run.key());
        JobReports.Circumstances known = runs.circumstances(run, job);
        JobReports.Report report = reports.take(run.key(), known);
        synchronized (this) {
            run.looked(report);
        }
        switch (report) {
            case JobReports.Report.Told(RunOutcome outcome) -> {
                boolean first = end(run, Optional.of(outcome));
                job.filter(any -> first).ifPresent(ended -> finished.count(run.key(), ended, outcome));
            }
            case JobReports.Report.Elsewhere elsewhere -> {
                end(run, Optional.empty());
                sweep.soon();
            }
            case JobReports.Report.Lost(String why) -> doubt(run, why);
            // It may have ended while this was looked at, and that was not taken up then.
            case JobReports.Report.None none when known.over().isEmpty() -> takeIfOver(run);
            case JobReports.Report.None none -> {}
            case JobReports.Report.Untaken untaken -> takeLater(run, untaken);
        }
    }

    /** Nothing is lost meanwhile. */
    private void takeLater(TrackedRun run, JobReports.Report.Untaken untaken) {
        Duration pause;
        synchronized (this) {
            LOG.atLevel(run.takes().level())
                    .setCause(untaken.cause())
                    .addKeyValue("update", run.key().update())
                    .log("a report is not taken up yet");
            pause = run.failedToTake(untaken.why());
            show(run);
        }
        threads.later(pause, () -> {
            synchronized (this) {
                run.taking(false);
            }
            reported(run.key().updateUid());
        });
    }

    private synchronized void takeIfOver(TrackedRun run) {
        if (run.stage() == Stage.MADE) {
            state(run);
        }
    }

    private synchronized void doubt(TrackedRun run, String why) {
        if (run.doubt().isEmpty()) {
            run.doubt(Optional.of(why));
            waker.accept(run.key().stack());
        }
    }

    @Override
    public synchronized boolean withdraw(String updateUid) {
        return runs.known(updateUid).filter(runs::withdraw).isPresent();
    }

    @Override
    public void cancel(String updateUid) {
        TrackedRun run;
        synchronized (this) {
            Optional<TrackedRun> known = runs.known(updateUid);
            if (known.isEmpty() || known.get().stage() == Stage.ENDED) {
                return;
            }
            run = known.get();
            run.cancel();
            if (run.stage() == Stage.QUEUED && runs.unqueue(run)) {
                runs.end(run, Optional.of(RunOutcome.cancelled("cancelled before it started")));
                waker.accept(run.key().stack());
                return;
            }
            if (run.stage() != Stage.MADE || run.isAsked()) {
                return;
            }
            run.asked(true);
        }
        threads.calls().execute(run.namespace(), () -> stop(run));
    }

    private void stop(TrackedRun run) {
        boolean done = false;
        try {
            Optional<Job> job = watch.job(run.key());
            done = job.isPresent();
            job.ifPresent(found -> replaced.note(run, found, watch.pods(found)));
            if (done && !stops.stop(run.key(), job.get())) {
                end(run, Optional.of(RunOutcome.cancelled("cancelled before it started")));
            }
        } catch (KubernetesClientException e) {
            LOG.atLevel(run.stops().level())
                    .setCause(e)
                    .addKeyValue("update", run.key().update())
                    .log("a run is not stopped yet");
            done = false;
        }
        if (!done) {
            // Not in the cache yet, or refused.
            threads.later(run.stops().failed(), () -> {
                synchronized (this) {
                    run.asked(false);
                }
                cancel(run.key().updateUid());
            });
        }
    }

    @Override
    public void acknowledge(String updateUid) {
        Optional<TrackedRun> known;
        synchronized (this) {
            known = runs.acknowledge(updateUid);
            dispatch();
        }
        // Of one that has no Job any more, and that another process has started, something may be left all the same.
        known.ifPresentOrElse(
                run -> threads.calls().execute(run.namespace(), () -> remove(run, maker::forget)), sweep::soon);
    }

    @Override
    public synchronized void gone(String updateUid) {
        runs.gone(updateUid);
    }

    /** What the rounds see and do here. */
    private final class Round implements JobRounds.Host {

        @Override
        public boolean mayAct() {
            return !closing && mayAct.getAsBoolean();
        }

        @Override
        public List<TrackedRun> made() {
            synchronized (JobExecutor.this) {
                return runs.made();
            }
        }

        @Override
        public JobView view(TrackedRun run, Job job) {
            return runs.view(run, job);
        }

        @Override
        public void show(TrackedRun run) {
            showMade(run);
        }

        @Override
        public void write(TrackedRun run, Runnable act) {
            threads.calls().execute(run.namespace(), act);
        }

        @Override
        public void makeRoom() {
            synchronized (JobExecutor.this) {
                runs.forgetUnwanted();
                dispatch();
            }
        }

        @Override
        public boolean isOurs(String updateUid) {
            synchronized (JobExecutor.this) {
                return runs.isOurs(updateUid);
            }
        }
    }

    /** Jobs go on without the operator: whoever comes next takes them up. */
    @Override
    public void close() {
        closing = true;
        // What is being written is to be over before the client is closed and the lease given up.
        if (!threads.end(CLOSING)) {
            LOG.atWarn().log("a request about a Job did not end; whoever comes next looks at it anew");
        }
        watch.close();
    }
}
