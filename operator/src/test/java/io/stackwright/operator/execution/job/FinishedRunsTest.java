package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.telemetry.Metrics;
import java.time.Clock;
import org.junit.jupiter.api.Test;

class FinishedRunsTest {

    private final Metrics metrics = new Metrics();
    private final FinishedRuns finished = new FinishedRuns(metrics, Clock.systemUTC());

    /** Its Stack could not be written to for a while, and its end was let go from memory meanwhile. */
    @Test
    void oneThatIsTakenUpAgainCountsOnce() {
        // given
        Job job = Serialization.unmarshal("""
            apiVersion: batch/v1
            kind: Job
            metadata: {name: shop-7, creationTimestamp: '2026-01-01T00:00:00Z'}
            """, Job.class);

        // when
        finished.count(run("uid-1"), job, RunOutcome.destroyed());
        finished.count(run("uid-1"), job, RunOutcome.destroyed());
        finished.count(run("uid-2"), job, RunOutcome.destroyed());

        // then
        assertThat(metrics.scrape())
                .contains("stackwright_update_duration_seconds_count{operation=\"Up\",result=\"Succeeded\"} 2");
    }

    private static RunKey run(String uid) {
        return new RunKey(new StackKey("team-a", "shop"), "stack-uid", "shop-7", uid);
    }
}
