package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunRequest.RunKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JobRunsTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final Now clock = new Now();
    private final JobRuns runs = new JobRuns(new JobWatch(null, Set.of()), clock);
    private final TrackedRun run = runs.add(Runs.request(Runs.inputs()));
    private final RunKey key = run.key();

    /** Somebody may take our finalizer off its Update. An end can have some megabytes of outputs, of any number of runs. */
    @Test
    void anEndThatNobodyAsksForIsForgotten() {
        // given
        runs.end(run, Optional.of(RunOutcome.destroyed()));
        clock.passes(600);
        runs.forgetUnwanted();
        assertThat(runs.known(key.updateUid())).contains(run);

        // when
        clock.passes(1);
        runs.forgetUnwanted();

        // then
        assertThat(runs.known(key.updateUid())).isEmpty();
    }

    /** As of a Stack whose status cannot be written. */
    @Test
    void oneThatIsAskedForIsKept() {
        // given
        runs.end(run, Optional.of(RunOutcome.destroyed()));
        clock.passes(300);
        runs.find(key.stack().namespace(), key.update(), key.updateUid());

        // when
        clock.passes(500);
        runs.forgetUnwanted();

        // then
        assertThat(runs.known(key.updateUid())).contains(run);
    }

    /** Its Update is ours again, and was never claimed: the Stack decides on it once more. */
    @Test
    void oneWhoseEndNobodyWasToHaveMayBeHandedOverAgain() {
        // when
        runs.end(run, Optional.empty());

        // then
        assertThat(runs.isUnderWay(key)).isFalse();
    }

    @Test
    void oneThatHasEndedIsNotHandedOverAgain() {
        // when
        runs.end(run, Optional.of(RunOutcome.destroyed()));

        // then
        assertThat(runs.isUnderWay(key)).isTrue();
    }

    /** Whoever takes our finalizer off Updates and deletes them must not fill the memory. */
    @Test
    void ofADeletedUpdateNothingIsKeptUnlessAJobMayComeOfIt() {
        // given
        runs.queue(Runs.request(Runs.inputs()), run);

        // when
        runs.gone(key.updateUid());

        // then
        assertThat(runs.known(key.updateUid())).isEmpty();
        assertThat(runs.waiting()).isZero();

        // given
        TrackedRun made = runs.add(Runs.request(Runs.inputs()));
        made.stage(TrackedRun.Stage.MAKING);

        // when
        runs.gone(key.updateUid());

        // then
        assertThat(runs.known(key.updateUid())).contains(made);

        // given
        runs.end(made, Optional.of(RunOutcome.destroyed()));

        // when
        runs.gone(key.updateUid());

        // then
        assertThat(runs.known(key.updateUid())).isEmpty();
    }

    @Test
    void whatWaitsForItsTurnIsTakenBackAndWhatHasBegunIsNot() {
        // given
        runs.queue(Runs.request(Runs.inputs()), run);

        // when, then
        assertThat(runs.withdraw(run)).isTrue();
        assertThat(runs.known(key.updateUid())).isEmpty();
        assertThat(runs.waiting()).isZero();

        // given
        TrackedRun again = runs.add(Runs.request(Runs.inputs()));
        runs.queue(Runs.request(Runs.inputs()), again);
        assertThat(runs.start(1)).containsExactly(again);

        // when, then
        assertThat(runs.withdraw(again)).isFalse();
        assertThat(runs.known(key.updateUid())).contains(again);
    }

    @Test
    void aRunThatHasNotEndedIsLookedAfterWhoeverAsks() {
        // when
        clock.passes(Duration.ofDays(1).toSeconds());
        runs.forgetUnwanted();

        // then
        assertThat(runs.known(key.updateUid())).contains(run);
    }

    private static final class Now extends Clock {

        private Instant now = START;

        void passes(long seconds) {
            now = now.plusSeconds(seconds);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }
    }
}
