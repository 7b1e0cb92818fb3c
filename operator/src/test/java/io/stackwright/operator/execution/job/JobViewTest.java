package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.execution.RunState.Hindrance;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statuses as a kubelet, the scheduler and the Job controller write them. */
class JobViewTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:05:00Z");

    private static final String FAILED = "conditions: [{type: Failed, status: 'True', reason: %s, message: m}]";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: 0/1 nodes}]|"
                        + " Unschedulable",
                "conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated}]| Unschedulable",
                "containerStatuses: [{name: pulumi, image: x, state: {waiting: {reason: ImagePullBackOff}}}]|"
                        + " ImagePullFailed",
                "containerStatuses: [{name: pulumi, image: x, state: {waiting: {reason: ErrImageNeverPull}}}]|"
                        + " ImagePullFailed",
                "containerStatuses: [{name: pulumi, image: x, state: {waiting: {reason: InvalidImageName}}}]|"
                        + " ImagePullFailed",
                "initContainerStatuses: [{name: runner, image: x, state: {waiting: {reason: ErrImagePull}}}]|"
                        + " ImagePullFailed",
                "containerStatuses: [{name: pulumi, state: {waiting: {reason: CreateContainerConfigError}}}]|"
                        + " PodNotStarted"
            })
    void whatKeepsAPodFromStartingIsSaid(String status, Reason reason) {
        assertThat(JobView.of(job(""), List.of(pod("phase: Pending\n" + status)), Optional.empty(), NOW))
                .isInstanceOfSatisfying(
                        JobView.Waiting.class,
                        waiting -> assertThat(waiting.hindrance())
                                .get()
                                .extracting(Hindrance::reason)
                                .isEqualTo(reason));
    }

    /** By a queue of the cluster, or by somebody; also one whose pod has been taken away by that. */
    @Test
    void aSuspendedJobSaysSo() {
        // given
        Job suspended = job("");
        suspended.getSpec().setSuspend(true);

        // when, then
        assertThat(JobView.of(suspended, List.of(), Optional.empty(), NOW))
                .isInstanceOfSatisfying(
                        JobView.Waiting.class,
                        waiting -> assertThat(waiting.hindrance().orElseThrow().message())
                                .contains("is suspended (spec.suspend)"));
        assertThat(JobView.of(suspended, List.of(pod("phase: Failed")), Optional.empty(), NOW))
                .isInstanceOf(JobView.Over.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "phase: Pending",
                "containerStatuses: [{name: pulumi, state: {waiting: {reason: ContainerCreating}}}]",
                "containerStatuses: [{name: pulumi, state: {waiting: {reason: PodInitializing}}}]",
                "conditions: [{type: PodScheduled, status: 'True'}]"
            })
    void aPodThatIsJustBeingStartedIsNotHindered(String status) {
        assertThat(JobView.of(job(""), List.of(pod(status)), Optional.empty(), NOW))
                .isEqualTo(new JobView.Waiting(Optional.empty()));
    }

    /** Each line: the pod's spec and conditions, its age in seconds, and whether a scheduler is missed. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{schedulerName: nobody}| []| 14| false",
                "{schedulerName: nobody}| []| 16| true",
                "{schedulerName: nobody, nodeName: n}| []| 16| false",
                "{schedulerName: nobody}| [{type: PodScheduled, status: 'True'}]| 16| false",
                "{schedulerName: nobody}| [{type: PodReadyToStartContainers, status: 'False'}]| 16| true"
            })
    void aPodThatNoSchedulerLooksAtIsUnschedulable(String spec, String conditions, int age, boolean missed) {
        // given
        Pod pod = pod("phase: Pending\nconditions: " + conditions);
        pod.setSpec(Serialization.unmarshal("#\n" + spec, PodSpec.class));

        // when
        JobView view = JobView.of(
                job(""),
                List.of(pod),
                Optional.empty(),
                Instant.parse(pod.getMetadata().getCreationTimestamp()).plusSeconds(age));

        // then
        assertThat(view)
                .isEqualTo(new JobView.Waiting(
                        missed
                                ? Optional.of(new Hindrance(
                                        Reason.Unschedulable,
                                        "no scheduler has looked at the pod; is there one called nobody?"))
                                : Optional.empty()));
    }

    @Test
    void withoutAPodTheEventTells() {
        Optional<Hindrance> event = Optional.of(new Hindrance(Reason.QuotaExceeded, "full"));
        assertThat(JobView.of(job(""), List.of(), event, NOW)).isEqualTo(new JobView.Waiting(event));
    }

    @Test
    void aContainerThatRunsRuns() {
        assertThat(JobView.of(
                        job(""),
                        List.of(pod("phase: Running\ncontainerStatuses: [{name: pulumi, state: {running: {}}}]")),
                        Optional.empty(),
                        NOW))
                .isEqualTo(new JobView.Running());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "containerStatuses: [{name: pulumi, state: {terminated: {exitCode: 137, reason: OOMKilled}}}]|"
                        + " OOMKilled",
                "{phase: Failed, reason: Evicted, message: low on memory}| Evicted",
                "{phase: Failed, conditions: [{type: DisruptionTarget, status: 'True', reason:"
                        + " PreemptionByScheduler}]}| Evicted",
                "{phase: Failed, conditions: [{type: DisruptionTarget, status: 'True', reason: DeletionByPodGC}]}|"
                        + " Evicted",
                "{phase: Failed, initContainerStatuses: [{name: runner, state: {terminated: {exitCode: 1}}}]}|"
                        + " PodNotStarted",
                "containerStatuses: [{name: pulumi, state: {terminated: {exitCode: 128, reason: StartError}}}]|"
                        + " PodNotStarted",
                "containerStatuses: [{name: pulumi, state: {terminated: {exitCode: 3, reason: Error}}}]| PodFailed",
                "phase: Succeeded| PodFailed"
            })
    void anEndWithoutAReportHasAReason(String status, Reason reason) {
        assertThat(JobView.of(job(""), List.of(pod(status)), Optional.empty(), NOW))
                .isInstanceOfSatisfying(
                        JobView.Over.class,
                        over -> assertThat(over.unreported().reason()).isEqualTo(reason));
    }

    @ParameterizedTest
    @CsvSource({"12, nothing was done", "13, input", "14, could not be reported", "3, exit code 3 Error"})
    void theRunnersExitCodeSaysWhatBecameOfTheRun(int code, String told) {
        String status = "containerStatuses: [{name: pulumi, state: {terminated: {exitCode: %d, reason: Error}}}]";
        assertThat(JobView.of(job(""), List.of(pod(status.formatted(code))), Optional.empty(), NOW))
                .isInstanceOfSatisfying(
                        JobView.Over.class,
                        over -> assertThat(over.unreported().message()).contains(told));
    }

    @Test
    void aJobOverItsDeadlineSaysWhatItWaitedFor() {
        Job late = job(FAILED.formatted("DeadlineExceeded"));
        assertThat(JobView.of(late, List.of(), Optional.of(new Hindrance(Reason.QuotaExceeded, "full")), NOW))
                .isInstanceOfSatisfying(JobView.Over.class, over -> {
                    assertThat(over.unreported().reason()).isEqualTo(Reason.QuotaExceeded);
                    assertThat(over.unreported().message()).contains("deadline").contains("full");
                });
        assertThat(JobView.of(late, List.of(), Optional.empty(), NOW))
                .isInstanceOfSatisfying(
                        JobView.Over.class,
                        over -> assertThat(over.unreported().reason()).isEqualTo(Reason.DeadlineExceeded));
    }

    @Test
    void aFailedJobIsNoProofWhileAPodOfItStillRuns() {
        Job failed = job(FAILED.formatted("DeadlineExceeded"));
        Pod running = pod("phase: Running\ncontainerStatuses: [{name: pulumi, state: {running: {}}}]");
        assertThat(JobView.of(failed, List.of(running), Optional.empty(), NOW)).isEqualTo(new JobView.Running());
    }

    @ParameterizedTest
    @CsvSource({"2026-01-01T00:04:39Z, true", "2026-01-01T00:04:41Z, false", "2026-01-01T00:06:00Z, false"})
    void aPodOfWhichNobodySaysThatItHasEndedIsOverdue(String deletion, boolean overdue) {
        // given
        Pod pod = pod("phase: Running\ncontainerStatuses: [{name: pulumi, state: {running: {}}}]");
        pod.getMetadata().setDeletionTimestamp(deletion);

        // when
        JobView view = JobView.of(job("active: 1"), List.of(pod), Optional.empty(), NOW);

        // then
        if (overdue) {
            assertThat(view)
                    .isInstanceOfSatisfying(
                            JobView.Overdue.class,
                            late -> assertThat(late.why()).contains("shop-7-x", deletion, "out-of-service"));
        } else {
            assertThat(view).isEqualTo(new JobView.Running());
        }
    }

    /** Its node may be gone with it; without one it goes at once. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{nodeName: n}| phase: Pending| true",
                "{nodeName: n}| containerStatuses: [{name: pulumi, state: {waiting: {reason: ContainerCreating}}}]|"
                        + " true",
                "{schedulerName: s}| conditions: [{type: PodScheduled, status: 'True'}]| false"
            })
    void soIsOneThatHasNotStarted(String spec, String status, boolean overdue) {
        // given
        Pod pod = pod(status);
        pod.setSpec(Serialization.unmarshal("#\n" + spec, PodSpec.class));
        pod.getMetadata().setDeletionTimestamp("2026-01-01T00:04:39Z");

        // when
        JobView view = JobView.of(job("active: 1"), List.of(pod), Optional.empty(), NOW);

        // then
        if (overdue) {
            assertThat(view)
                    .isInstanceOfSatisfying(
                            JobView.Overdue.class,
                            late -> assertThat(late.why()).contains("shop-7-x", "its node n", "out-of-service"));
        } else {
            assertThat(view).isEqualTo(new JobView.Waiting(Optional.empty()));
        }

        // when
        pod.getMetadata().setDeletionTimestamp("2026-01-01T00:04:41Z");

        // then
        assertThat(JobView.of(job("active: 1"), List.of(pod), Optional.empty(), NOW))
                .isEqualTo(new JobView.Waiting(Optional.empty()));
    }

    @Test
    void onlyWhatIsAboutToStartOrRunsTakesAWorker() {
        assertThat(new JobView.Waiting(Optional.empty()).isAtWork()).isTrue();
        assertThat(new JobView.Running().isAtWork()).isTrue();
        assertThat(new JobView.Waiting(Optional.of(new Hindrance(Reason.QuotaExceeded, "full"))).isAtWork())
                .isFalse();
        assertThat(new JobView.Overdue("its node is silent").isAtWork()).isFalse();
        assertThat(new JobView.Over(JobView.stopped()).isAtWork()).isFalse();
    }

    @Test
    void whoElseHasStoppedARunIsSaid() {
        Pod evicted = pod(
                "conditions: [{type: DisruptionTarget, status: 'True', reason: EvictionByEvictionAPI, message: m}]");
        assertThat(JobView.stopped(job(""), List.of(evicted)).reason()).isEqualTo(Reason.Evicted);
        assertThat(JobView.stopped(job(""), List.of(evicted)).message()).contains("shop-7-x", "EvictionByEvictionAPI");
        Job late = job(FAILED.formatted("DeadlineExceeded").replace("type: Failed", "type: FailureTarget"));
        assertThat(JobView.stopped(late, List.of(pod(""))).reason()).isEqualTo(Reason.DeadlineExceeded);
        assertThat(JobView.stopped(job(""), List.of(pod(""))).reason()).isEqualTo(Reason.Interrupted);
        assertThat(JobView.stopped(job(""), List.of(pod(""))).message()).contains("deleted");
    }

    @Test
    void aJobWithoutAPodIsNotOverBecauseNoneIsSeen() {
        assertThat(JobView.of(job("active: 1"), List.of(), Optional.empty(), NOW))
                .isInstanceOf(JobView.Waiting.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FailedCreate|Error creating: pods \"a\" is forbidden: exceeded quota: q, requested:"
                        + " pods=1|QuotaExceeded",
                "FailedCreate|Error creating: pods \"a\" is forbidden: error looking up service account n/x:"
                        + " serviceaccount \"x\" not found|ServiceAccountNotFound",
                "FailedCreate|Error creating: pods \"a\" is forbidden: violates PodSecurity"
                        + " \"restricted:latest\"|PodNotStarted",
                "FailedMount|MountVolume.SetUp failed for volume \"v\": secret \"s\" not found|PodNotStarted"
            })
    void eventsTellWhyThereIsNoPod(String reason, String message, Reason expected) {
        assertThat(JobEvents.hindrance(reason, message))
                .get()
                .extracting(Hindrance::reason)
                .isEqualTo(expected);
        assertThat(JobEvents.hindrance("SuccessfulCreate", message)).isEmpty();
    }

    /** Each line: the status of a Job that was made three minutes ago, and its age in seconds. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "active: 1| 180",
                "{completionTime: '2026-01-01T00:02:30Z'}| 30",
                "conditions: [{type: Failed, status: 'True', lastTransitionTime: '2026-01-01T00:03:00Z'}]| 60",
                "conditions: [{type: Failed, status: 'False', lastTransitionTime: '2026-01-01T00:03:00Z'}]| 180",
                "{completionTime: '2026-01-01T00:01:00Z'}| 0"
            })
    void theTimeAfterAnEndDoesNotCount(String status, int seconds) {
        // given
        Job job = job(status);
        job.getMetadata().setCreationTimestamp("2026-01-01T00:02:00Z");

        // then
        assertThat(JobView.age(job, NOW)).hasSeconds(seconds);
    }

    private static Job job(String status) {
        return Serialization.unmarshal(
                "apiVersion: batch/v1\nkind: Job\nmetadata: {name: shop-7}\nspec: {}\nstatus:\n" + status.indent(2),
                Job.class);
    }

    private static Pod pod(String status) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: shop-7-x, creationTimestamp: '2026-01-01T00:00:00Z'}\n"
                        + "status:\n" + status.indent(2),
                Pod.class);
    }
}
