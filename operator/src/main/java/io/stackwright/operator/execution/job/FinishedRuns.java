package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.telemetry.Metrics;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts runs that have ended: each once, although one that was let go from memory is taken up again. */
final class FinishedRuns {

    private static final int REMEMBERED = 10_000;

    private final Metrics metrics;
    private final Clock clock;
    private final Map<String, Boolean> counted = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    FinishedRuns(Metrics metrics, Clock clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    synchronized void count(RunKey run, Job job, RunOutcome outcome) {
        if (counted.put(run.updateUid(), true) == null) {
            metrics.runFinished(TrackedRun.operation(job), outcome.result(), JobView.age(job, clock.instant()));
        }
    }
}
