package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.operator.execution.job.JobExecutor;
import java.util.Optional;

/**
 * Proof of death where runs are Jobs. One that was a process of an operator, before this one was told to make Jobs, is
 * proven dead as such; the others are pods, and say so by having no process id.
 */
final class JobExecutors implements Runs.Executors {

    private final Runs.Executors processes;
    private final JobExecutor jobs;

    JobExecutors(Runs.Executors processes, JobExecutor jobs) {
        this.processes = processes;
        this.jobs = jobs;
    }

    @Override
    public ExecutorStatus self() {
        return processes.self();
    }

    @Override
    public boolean isOwn(ExecutorStatus executor) {
        return isPod(executor) || processes.isOwn(executor);
    }

    @Override
    public Optional<Runs.Doubt> doubt(String updateUid, ExecutorStatus other) {
        return isPod(other)
                ? jobs.doubt(other.host(), other.instance())
                        .map(why -> new Runs.Doubt(why, !jobs.isThere(other.instance())))
                : processes.doubt(updateUid, other);
    }

    private static boolean isPod(ExecutorStatus executor) {
        return executor.pid() == null;
    }
}
