package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.source.StackKey;
import io.stackwright.testkit.ControlPlane;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JobRoundsIT {

    private static final ControlPlane PLANE = ControlPlane.shared();
    private static final Clock LATER = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(1));

    /** Each costs some requests, and one tenant may have hundreds of them. */
    @Test
    void aRoundAsksForTheEventsOfAFewAndTheNextOneForThoseOfOthers() {
        // given Jobs that have no pod, and nothing that tells why
        String namespace = PLANE.createNamespace("rounds");
        List<RunKey> keys = IntStream.range(0, 15)
                .mapToObj(i -> new RunKey(
                        new StackKey(namespace, "s" + i),
                        "uid-" + i,
                        "s" + i + "-1",
                        UUID.randomUUID().toString()))
                .toList();
        keys.forEach(key -> PLANE.client().resource(job(key)).create());
        KubernetesClient client = PLANE.client();
        try (JobWatch watch = new JobWatch(client, Set.of(namespace))) {
            watch.start(uid -> {});
            JobRuns runs = new JobRuns(watch, LATER);
            List<TrackedRun> found = keys.stream()
                    .map(key ->
                            runs.find(namespace, key.update(), key.updateUid()).orElseThrow())
                    .toList();
            JobRounds rounds = new JobRounds(
                    new JobRounds.Looks(
                            watch,
                            new JobStarts(null),
                            new JobTroubles(client, LATER),
                            new ReplacedPods(client, key -> Optional.empty()),
                            new JobSweep(client, watch, null, Set.of(namespace), LATER)),
                    all(runs));

            // when
            rounds.begin(Runnable::run);

            // then
            assertThat(lookedAt(found)).isEqualTo(10);

            // when
            rounds.begin(Runnable::run);

            // then
            assertThat(lookedAt(found)).isEqualTo(15);
        }
    }

    private static long lookedAt(List<TrackedRun> runs) {
        return runs.stream().filter(run -> run.lookedForEvents() != 0).count();
    }

    private static Job job(RunKey run) {
        return JobObjects.job(
                Runs.request(run, Optional.empty()),
                new OperatorSettings.Jobs("stackwright:1", "pulumi:1", Duration.ofHours(1)));
    }

    /** That of a process which leads, and whose runs they are. */
    private static JobRounds.Host all(JobRuns runs) {
        return new JobRounds.Host() {
            @Override
            public boolean mayAct() {
                return true;
            }

            @Override
            public List<TrackedRun> made() {
                return runs.made();
            }

            @Override
            public JobView view(TrackedRun run, Job job) {
                return runs.view(run, job);
            }

            @Override
            public void show(TrackedRun run) {
                // Nobody looks.
            }

            @Override
            public void write(TrackedRun run, Runnable act) {
                act.run();
            }

            @Override
            public void makeRoom() {
                // There are none.
            }

            @Override
            public boolean isOurs(String updateUid) {
                return true;
            }
        };
    }
}
