package io.stackwright.operator.execution.embedded;

import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.Executor;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunState;
import io.stackwright.operator.execution.runner.RunReporter;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.telemetry.Metrics;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs Updates as processes of this pod, at most {@code workers} at once.
 *
 * <p>First come, first served within a rank: runs that a change or a person asked for go before retries. Two runs on
 * one Pulumi stack never overlap, whichever Stack objects they come from.
 */
public final class EmbeddedExecutor implements Executor {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedExecutor.class);

    private final Work work;
    private final Function<RunRequest.RunKey, RunReporter> reporters;
    private final Consumer<StackKey> waker;
    private final Metrics metrics;
    private final int workers;
    private final Duration shutdownGrace;

    private final Map<String, Job> jobs = new HashMap<>();
    private final TreeSet<Job> waiting = new TreeSet<>(
            Comparator.<Job>comparingInt(job -> RunRank.of(job.request)).thenComparingLong(job -> job.number));
    private final Set<String> busyIdentities = new HashSet<>();
    private long submitted;
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
        metrics.observeQueue(this::waitingRuns, this::activeRuns);
    }

    private synchronized int waitingRuns() {
        return waiting.size();
    }

    private synchronized int activeRuns() {
        return running;
    }

    private static final class Job {
        private final RunRequest request;
        private final long number;
        private final long since = System.nanoTime();
        private final CancelToken cancel = new CancelToken();
        private RunState state = new RunState.Waiting();

        Job(RunRequest request, long number) {
            this.request = request;
            this.number = number;
        }
    }

    @Override
    public synchronized void submit(RunRequest request) {
        if (closing || jobs.containsKey(request.run().updateUid())) {
            return;
        }
        Job job = new Job(request, submitted++);
        jobs.put(request.run().updateUid(), job);
        waiting.add(job);
        dispatch();
    }

    @Override
    public synchronized RunState state(String updateUid) {
        Job job = jobs.get(updateUid);
        return job == null ? new RunState.Unknown() : job.state;
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
                job.state = new RunState.Ended(RunOutcome.cancelled("cancelled before it started"));
            }
        }
        job.cancel.cancel();
        // A running one wakes its Stack when it ends. Doing so now as well would make each look at it the cause of
        // the next one, until the rate limit is spent and the end itself has to wait.
        if (ended) {
            waker.accept(job.request.run().stack());
        }
    }

    @Override
    public synchronized void acknowledge(String updateUid) {
        jobs.remove(updateUid);
    }

    private void dispatch() {
        var candidates = waiting.iterator();
        while (running < workers && candidates.hasNext()) {
            Job job = candidates.next();
            if (busyIdentities.add(job.request.identityKey())) {
                candidates.remove();
                running++;
                job.state = new RunState.Running();
                metrics.updateStarted(Duration.ofNanos(System.nanoTime() - job.since));
                Thread.ofVirtual().name("run-" + job.request.run().update()).start(() -> work(job));
            }
        }
    }

    private void work(Job job) {
        Optional<RunOutcome> outcome = Optional.empty();
        long start = System.nanoTime();
        try {
            RunReporter reporter = reporters.apply(job.request.run());
            outcome = Optional.of(work.run(job.request, reporter, job.cancel));
        } catch (RunReporter.ClaimLostException e) {
            LOG.atWarn()
                    .addKeyValue("update", job.request.run().update())
                    .log("not run: the Update has changed since it was decided on");
        } catch (Throwable e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("update", job.request.run().update())
                    .log("run ended by a mistake of the operator");
            outcome = Optional.of(broken(e));
        }
        outcome.ifPresent(end -> metrics.updateFinished(
                job.request.operation(),
                Phase.valueOf(end.result().name()),
                Duration.ofNanos(System.nanoTime() - start)));
        ended(job, outcome);
        waker.accept(job.request.run().stack());
    }

    private synchronized void ended(Job job, Optional<RunOutcome> outcome) {
        busyIdentities.remove(job.request.identityKey());
        running--;
        if (outcome.isPresent()) {
            job.state = new RunState.Ended(outcome.get());
        } else {
            jobs.remove(job.request.run().updateUid());
        }
        if (closing && running == 0) {
            drained.countDown();
        }
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

    private static RunOutcome broken(Throwable e) {
        return failed(
                RunStatus.Result.Failed,
                new Failure(
                        Failure.Kind.TRANSIENT,
                        Reason.InternalError,
                        e.getClass().getSimpleName()));
    }

    private static RunOutcome failed(RunStatus.Result result, Failure failure) {
        return new RunOutcome(
                result, Optional.of(failure), Optional.empty(), Optional.empty(), OptionalInt.empty(), Map.of());
    }
}
