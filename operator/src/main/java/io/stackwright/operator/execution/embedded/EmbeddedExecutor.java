package io.stackwright.operator.execution.embedded;

import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.execution.Executor;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunQueue;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunState;
import io.stackwright.operator.execution.runner.ApiFailures;
import io.stackwright.operator.execution.runner.RunReporter;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.telemetry.LogContext;
import io.stackwright.operator.telemetry.Metrics;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs Updates as processes of this pod, at most {@code workers} at once.
 *
 * <p>In the order of {@link RunQueue}. Two runs on one Pulumi stack never overlap, whichever Stack objects they come
 * from.
 */
public final class EmbeddedExecutor implements Executor {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedExecutor.class);

    /**
     * How long an end that nobody asks for is kept. It is nowhere else: whoever is to write it down, and cannot, asks for it
     * every five minutes at least.
     */
    private static final Duration UNWANTED = Duration.ofMinutes(10);

    private final Work work;
    private final Function<RunRequest.RunKey, RunReporter> reporters;
    private final Consumer<StackKey> waker;
    private final Metrics metrics;
    private final int workers;
    private final Duration shutdownGrace;

    private final Map<String, Job> jobs = new HashMap<>();
    private final RunQueue<Job> waiting = new RunQueue<>();
    private final Set<String> busyIdentities = new HashSet<>();
    private int running;
    private boolean closing;
    private final CountDownLatch drained = new CountDownLatch(1);

    /** What a worker does with a run; {@code UpdateRunner::run}. */
    @FunctionalInterface
    public interface Work {

        /** @throws RunReporter.ClaimLostException when the run is not ours; nothing was done */
        RunOutcome run(RunRequest request, RunReporter reporter, CancelToken cancel);
    }

    public EmbeddedExecutor(
            Work work,
            Function<RunRequest.RunKey, RunReporter> reporters,
            Consumer<StackKey> waker,
            Metrics metrics,
            int workers,
            Duration shutdownGrace) {
        this.work = work;
        this.reporters = reporters;
        this.waker = waker;
        this.metrics = metrics;
        this.workers = workers;
        this.shutdownGrace = shutdownGrace;
        // Nothing but a worker is needed here.
        metrics.observeQueue(this::waitingRuns, this::activeRuns, () -> 0);
    }

    private synchronized int waitingRuns() {
        return waiting.size();
    }

    private synchronized int activeRuns() {
        return running;
    }

    private static final class Job {
        private final RunRequest request;
        private final long since = System.nanoTime();
        private final CancelToken cancel = new CancelToken();
        private RunState state = new RunState.Waiting();
        private long wanted;

        Job(RunRequest request) {
            this.request = request;
        }

        void end(RunOutcome outcome) {
            state = new RunState.Ended(outcome);
            wanted = System.nanoTime();
        }
    }

    @Override
    public synchronized void submit(RunRequest request) {
        if (closing || jobs.containsKey(request.run().updateUid())) {
            return;
        }
        Job job = new Job(request);
        jobs.put(request.run().updateUid(), job);
        waiting.add(request, job).forEach(this::forget);
        dispatch();
    }

    @Override
    public synchronized RunState state(String namespace, String update, String updateUid) {
        Job job = jobs.get(updateUid);
        if (job == null) {
            return new RunState.Unknown();
        }
        job.wanted = System.nanoTime();
        return job.state;
    }

    @Override
    public synchronized boolean withdraw(String updateUid) {
        Job job = jobs.get(updateUid);
        boolean waits = job != null && waiting.hold(job);
        if (waits) {
            forget(job);
        }
        return waits;
    }

    @Override
    public void cancel(String updateUid) {
        Job job;
        boolean ended;
        synchronized (this) {
            job = jobs.get(updateUid);
            if (job == null) {
                return;
            }
            ended = waiting.remove(job);
            if (ended) {
                job.end(RunOutcome.cancelled("cancelled before it started"));
            }
        }
        job.cancel.cancel();
        // A running one wakes its Stack when it ends. Doing so now as well would make each look at it the cause of
        // the next one, until the rate limit is spent and the end itself has to wait.
        if (ended) {
            waker.accept(job.request.run().stack());
        }
    }

    private void forget(Job job) {
        jobs.remove(job.request.run().updateUid());
    }

    @Override
    public synchronized void acknowledge(String updateUid) {
        jobs.remove(updateUid);
    }

    @Override
    public synchronized void gone(String updateUid) {
        Job job = jobs.get(updateUid);
        if (job != null && (waiting.remove(job) || job.state instanceof RunState.Ended)) {
            forget(job);
        }
    }

    /** Forgets ends that nobody has asked for in that time, as of an Update that is not ours any more. */
    synchronized void forgetUnwanted(Duration time) {
        long since = System.nanoTime() - time.toNanos();
        jobs.values().removeIf(job -> job.state instanceof RunState.Ended && job.wanted - since <= 0);
    }

    private void dispatch() {
        while (running < workers) {
            Optional<Job> next = waiting.poll(request -> busyIdentities.add(request.identityKey()));
            if (next.isEmpty()) {
                return;
            }
            Job job = next.get();
            running++;
            job.state = new RunState.Running();
            metrics.updateStarted(Duration.ofNanos(System.nanoTime() - job.since));
            Thread.ofVirtual().name("run-" + job.request.run().update()).start(() -> workInContext(job));
        }
    }

    private void workInContext(Job job) {
        try (LogContext context = LogContext.open(job.request.run().logKeys())) {
            work(job);
        }
    }

    private void work(Job job) {
        Optional<RunOutcome> outcome = Optional.empty();
        long start = System.nanoTime();
        try {
            RunReporter reporter = reporters.apply(job.request.run());
            outcome = Optional.of(work.run(job.request, reporter, job.cancel));
        } catch (RunReporter.ClaimLostException e) {
            LOG.atWarn().log("not run: the Update has changed since it was decided on");
        } catch (Throwable e) {
            boolean api = ApiFailures.isApiTrouble(e);
            (api ? LOG.atWarn() : LOG.atError())
                    .setCause(e)
                    .log(
                            api
                                    ? "not run: the API server did not take the claim"
                                    : "run ended by a mistake of the operator");
            outcome = Optional.of(
                    RunOutcome.failed(ApiFailures.isApiTrouble(e) ? ApiFailures.of(e) : RunOutcome.mistake(e)));
        }
        outcome.ifPresent(end -> metrics.runFinished(
                job.request.operation(), end.result(), Duration.ofNanos(System.nanoTime() - start)));
        ended(job, outcome);
        waker.accept(job.request.run().stack());
    }

    private synchronized void ended(Job job, Optional<RunOutcome> outcome) {
        busyIdentities.remove(job.request.identityKey());
        running--;
        if (outcome.isPresent()) {
            job.end(outcome.get());
        } else {
            jobs.remove(job.request.run().updateUid());
        }
        if (closing && running == 0) {
            drained.countDown();
        }
        forgetUnwanted(UNWANTED);
        if (!closing) {
            dispatch();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            waiting.clear();
            if (running == 0) {
                drained.countDown();
            }
            jobs.values().forEach(job -> job.cancel.interrupt());
        }
        try {
            if (!drained.await(shutdownGrace.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.atWarn()
                        .addKeyValue("grace", shutdownGrace)
                        .log("runs did not end within the grace of the shutdown");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
