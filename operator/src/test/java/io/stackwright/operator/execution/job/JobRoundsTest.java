package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobRoundsTest {

    private final List<Runnable> begun = new ArrayList<>();

    /** What many runs wait for takes long to find out; rounds that pile up would take all there is for all others. */
    @Test
    void thereIsOneRoundAtATime() {
        // given a round, and a look at what runs have left
        JobRounds rounds = new JobRounds(null, new Idle());
        rounds.begin(begun::add);
        assertThat(begun).hasSize(2);

        // when
        rounds.begin(begun::add);

        // then
        assertThat(begun).hasSize(2);

        // when
        begun.forEach(Runnable::run);
        rounds.begin(begun::add);

        // then
        assertThat(begun).hasSize(4);
    }

    /** One tenant may make thousands of objects that look like what a run has left. */
    @Test
    void noRoundWaitsForWhatRunsHaveLeft() {
        // given
        JobRounds rounds = new JobRounds(null, new Idle());
        rounds.begin(begun::add);
        Runnable round = begun.getFirst();

        // when
        round.run();
        rounds.begin(begun::add);

        // then
        assertThat(begun).hasSize(3);
    }

    @Test
    void oneThatFailsIsFollowedByAnother() {
        // given
        JobRounds rounds = new JobRounds(null, new Idle() {
            @Override
            public boolean mayAct() {
                throw new IllegalStateException("as it may be");
            }
        });
        rounds.begin(begun::add);
        begun.forEach(Runnable::run);

        // when
        rounds.begin(begun::add);

        // then
        assertThat(begun).hasSize(4);
    }

    /** That of a process which does not lead. */
    private static class Idle implements JobRounds.Host {

        @Override
        public boolean mayAct() {
            return false;
        }

        @Override
        public List<TrackedRun> made() {
            throw new UnsupportedOperationException();
        }

        @Override
        public JobView view(TrackedRun run, Job job) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void show(TrackedRun run) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(TrackedRun run, Runnable act) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void makeRoom() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOurs(String updateUid) {
            throw new UnsupportedOperationException();
        }
    }
}
