package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.execution.RunState.Hindrance;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.stack.KubeletDouble;
import io.stackwright.testkit.ControlPlane;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What events tell of a Job without a pod, and what is known where they are not shown. */
class JobTroublesIT {

    private static final ControlPlane PLANE = ControlPlane.shared();
    private static final Clock LATER = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(1));

    private static Job job;

    @BeforeAll
    static void job() {
        String namespace = PLANE.createNamespace("troubles");
        Job made = JobObjects.job(
                Runs.request(Runs.inputs()),
                new OperatorSettings.Jobs("stackwright:1", "pulumi:1", Duration.ofHours(1)));
        made.getMetadata().setNamespace(namespace);
        job = PLANE.client().resource(made).create();
        new KubeletDouble(PLANE.client(), namespace).warn(job, "FailedCreate", "exceeded quota: small");
    }

    @Test
    void anEventTellsWhyThereIsNoPod() {
        // given
        TrackedRun run = new TrackedRun(job);

        // when
        new JobTroubles(PLANE.client(), LATER).look(run, job, List.of());

        // then
        assertThat(run.event().map(Hindrance::reason)).contains(Reason.QuotaExceeded);
    }

    /** Its deadline counts from its creation: what began late would be cut off in the middle. */
    @Test
    void whatHasWaitedForLongerThanItMayIsEnded() {
        // given
        long deadline = job.getSpec().getActiveDeadlineSeconds();
        assertThat(deadline).isGreaterThan(JobObjects.START.toSeconds());

        // when it may still wait
        endIfLate(job, JobObjects.START.minusMinutes(2));

        // then
        assertThat(deadline()).isEqualTo(deadline);

        // when
        endIfLate(job, JobObjects.START.plusMinutes(2));

        // then it is over, whoever looks at it
        assertThat(deadline()).isBetween(JobObjects.START.toSeconds(), JobObjects.START.toSeconds() + 600);
    }

    /** Kubernetes counts its deadline from there: what is set would let it begin, and cut it off in the middle. */
    @Test
    void whatWasResumedLongAfterItsMakingIsEndedAtOnce() {
        // given
        Instant resumed = Instant.now().plus(Duration.ofMinutes(30)).truncatedTo(ChronoUnit.SECONDS);
        Job waiting = new JobBuilder(create("resumed", false))
                .editOrNewStatus()
                .withStartTime(resumed.toString())
                .endStatus()
                .build();

        // when
        endIfLate(waiting, JobObjects.START.plusMinutes(2));

        // then
        Job ended = PLANE.client().resource(waiting).get();
        assertThat(ended.getSpec().getActiveDeadlineSeconds())
                .isBetween(
                        Duration.ofMinutes(31).toSeconds(),
                        Duration.ofMinutes(42).toSeconds());
    }

    /** Kubernetes counts no deadline while a Job is suspended. */
    @Test
    void oneThatIsSuspendedForTooLongGoes() {
        // given
        Job suspended = create("suspended", true);

        // when it may still wait
        endIfLate(suspended, JobObjects.START.minusMinutes(2));

        // then
        assertThat(PLANE.client().resource(suspended).get()).isNotNull();

        // when
        endIfLate(suspended, JobObjects.START.plusMinutes(2));

        // then
        assertThat(PLANE.client().resource(suspended).get()).isNull();
    }

    private static Job create(String name, boolean suspended) {
        Job model = new JobBuilder(job).build();
        model.getMetadata().setName(name);
        model.getMetadata().setResourceVersion(null);
        model.getMetadata().setUid(null);
        model.getSpec().setSelector(null);
        model.getSpec().getTemplate().getMetadata().setLabels(null);
        model.getSpec().setSuspend(suspended);
        return PLANE.client().resource(model).create();
    }

    private static void endIfLate(Job job, Duration later) {
        JobTroubles troubles = new JobTroubles(PLANE.client(), Clock.offset(Clock.systemUTC(), later));
        if (troubles.isLate(job)) {
            troubles.end(job);
        }
    }

    private static long deadline() {
        return PLANE.client().resource(job).get().getSpec().getActiveDeadlineSeconds();
    }

    /** All other runs are looked at after this one. */
    @Test
    void whereEventsAreNotShownWhatIsKnownStands() {
        // given
        TrackedRun run = new TrackedRun(job);
        Hindrance known = new Hindrance(Reason.PodNotStarted, "known before");
        run.event(Optional.of(known));
        Config config = PLANE.config();
        config.setImpersonateUsername("nobody");

        // when
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            new JobTroubles(client, LATER).look(run, job, List.of());
        }

        // then
        assertThat(run.event()).contains(known);
    }
}
