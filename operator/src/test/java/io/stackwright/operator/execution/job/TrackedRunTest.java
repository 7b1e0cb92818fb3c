package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunState.Hindrance;
import io.stackwright.operator.execution.job.TrackedRun.Stage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class TrackedRunTest {

    private final RunRequest request = Runs.request(Runs.inputs());

    /** A Job may run for hours: so long the operator would hold all secrets of all runs. */
    @Test
    void whatItWasGivenIsForgottenOnceItHasItsJob() {
        // given
        TrackedRun run = new TrackedRun(request);
        run.stage(Stage.MAKING);
        assertThat(run.request()).contains(request);

        // when
        run.stage(Stage.MADE);

        // then
        assertThat(run.request()).isEmpty();
        assertThat(run.key()).isEqualTo(request.run());
    }

    @Test
    void whatItWasGivenIsForgottenWhenItEndsWithoutAJob() {
        // given
        TrackedRun run = new TrackedRun(request);

        // when
        run.end(Optional.empty());

        // then
        assertThat(run.request()).isEmpty();
    }

    /** The pod has gone, and nothing else would tell why its Stack waits. */
    @Test
    void theStackIsToldOfAReportThatCannotBeTakenUpAgainAndAgain() {
        // given
        TrackedRun run = new TrackedRun(request);
        Hindrance why = new Hindrance(Reason.ApiRefused, "no right to read it");
        run.failedToTake(why);
        assertThat(run.untaken()).as("a moment's").isEmpty();

        // when
        run.failedToTake(why);

        // then
        assertThat(run.untaken()).contains(why);

        // when
        run.looked(new JobReports.Report.None());

        // then
        assertThat(run.untaken()).isEmpty();
    }

    /** Each attempt may be refused by an API server that has enough to do. */
    @Test
    void thePausesGrowUpToABoundAndTheLogIsToldOnce() {
        // given
        Attempts attempts = new Attempts();
        assertThat(attempts.level()).isEqualTo(Level.WARN);

        // when
        List<Long> pauses = Stream.generate(attempts::failed)
                .limit(10)
                .map(Duration::toSeconds)
                .toList();

        // then
        assertThat(pauses).containsExactly(2L, 4L, 6L, 8L, 10L, 12L, 14L, 16L, 16L, 16L);
        assertThat(attempts.level()).isEqualTo(Level.DEBUG);

        // when
        attempts.succeeded();

        // then
        assertThat(attempts.level()).isEqualTo(Level.WARN);
        assertThat(attempts.failed()).isEqualTo(Duration.ofSeconds(2));
    }
}
