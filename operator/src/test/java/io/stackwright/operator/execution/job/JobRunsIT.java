package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.source.StackKey;
import io.stackwright.testkit.ControlPlane;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A process that has started none of the Jobs that there are. */
class JobRunsIT {

    private static final ControlPlane PLANE = ControlPlane.shared();

    private final String namespace = PLANE.createNamespace("runs");
    private final RunKey underWay = run("busy");
    private final RunRequest waiting = Runs.request(run("calm"), Optional.empty());
    private final JobWatch watch = new JobWatch(PLANE.client(), Set.of(namespace));
    private final JobRuns runs = new JobRuns(watch, Clock.systemUTC());

    @BeforeEach
    void aJobOfAnotherProcess() {
        Job job = JobObjects.job(
                Runs.request(underWay, Optional.empty()),
                new OperatorSettings.Jobs("stackwright:1", "pulumi:1", Duration.ofHours(1)));
        job.getMetadata().getLabels().put(JobObjects.IDENTITY, "another");
        PLANE.client().resource(job).create();
        watch.start(uid -> {});
        runs.queue(waiting, runs.add(waiting));
    }

    @AfterEach
    void stop() {
        watch.close();
    }

    /** Its own Stack may be the last one that is looked at. */
    @Test
    void aRunThatNobodyHasAskedForHasItsWorker() {
        // when
        runs.findAll(run -> run.equals(underWay));

        // then
        assertThat(runs.start(1)).isEmpty();
        assertThat(runs.start(2)).hasSize(1);
    }

    @Test
    void aJobThatIsOfNoOpenUpdateTakesNoWorker() {
        // when
        runs.findAll(run -> false);

        // then
        assertThat(runs.start(1)).hasSize(1);
        assertThat(runs.known(underWay.updateUid())).isEmpty();
    }

    private RunKey run(String stack) {
        return new RunKey(
                new StackKey(namespace, stack),
                "uid-" + stack,
                stack + "-1",
                UUID.randomUUID().toString());
    }
}
