package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.telemetry.Metrics;
import java.time.Clock;

/** Counts runs that have ended: each once, although one that was let go from memory is taken up again. */
final class FinishedRuns {

    private final Metrics metrics;
    private final Clock clock;
    private final RecentUids counted = new RecentUids();

    FinishedRuns(Metrics metrics, Clock clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    synchronized void count(RunKey run, Job job, RunOutcome outcome) {
        if (counted.add(run.updateUid())) {
            metrics.runFinished(TrackedRun.operation(job), outcome.result(), JobView.age(job, clock.instant()));
        }
    }
}
