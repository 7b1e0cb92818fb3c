package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.job.TrackedRun.Stage;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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
}
