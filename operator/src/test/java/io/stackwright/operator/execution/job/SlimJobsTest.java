package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is kept of Jobs and pods tells the same as the whole. */
class SlimJobsTest {

    private static final String LARGE = "x".repeat(100_000);
    private static final Instant NOW = Instant.parse("2026-01-01T00:05:00Z");

    private static final Job JOB = Serialization.unmarshal("""
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: shop-7
          namespace: n
          uid: u
          creationTimestamp: "2026-01-01T00:00:00Z"
          labels: {app.kubernetes.io/managed-by: stackwright, stackwright.io/update: shop-7, theirs: x,
            stackwright.io/stack: shop, stackwright.io/stack-uid: s, stackwright.io/update-uid: r, stackwright.io/identity: i}
          annotations: {stackwright.io/operation: Destroy, stackwright.io/cancelled: "true", stackwright.io/passphrase: given,
            stackwright.io/recorded: "true", stackwright.io/large: LARGE, theirs: LARGE}
        spec:
          suspend: true
          activeDeadlineSeconds: 5
          template: {spec: {containers: [{name: pulumi, image: i, args: [LARGE]}]}}
        status: {failed: 1, conditions: [{type: Failed, status: "True", reason: DeadlineExceeded, message: m}]}
        """.replace("LARGE", LARGE), Job.class);

    private static final Pod POD = Serialization.unmarshal("""
        apiVersion: v1
        kind: Pod
        metadata:
          name: shop-7-abcde
          namespace: n
          uid: p
          creationTimestamp: "2026-01-01T00:00:00Z"
          annotations: {theirs: LARGE}
          ownerReferences:
          - {apiVersion: v1, kind: ConfigMap, name: theirs, uid: c}
          - {apiVersion: batch/v1, kind: Job, name: shop-7, uid: u, controller: true}
        spec: {nodeName: n1, schedulerName: other, containers: [{name: pulumi, image: i, args: [LARGE]}]}
        status:
          phase: Failed
          containerStatuses: [{name: pulumi, state: {terminated: {exitCode: 137, reason: OOMKilled}}}]
        """.replace("LARGE", LARGE), Pod.class);

    @Test
    void aJobTellsTheSame() {
        // when
        Job slim = SlimJobs.slim(JOB);

        // then
        assertThat(Serialization.asJson(slim)).hasSizeLessThan(2000);
        assertThat(slim.getStatus()).isEqualTo(JOB.getStatus());
        assertThat(slim.getSpec().getActiveDeadlineSeconds()).isEqualTo(5);
        assertThat(JobView.isSuspended(slim)).isTrue();
        assertThat(TrackedRun.operation(slim)).isEqualTo(TrackedRun.operation(JOB));
        assertThat(TrackedRun.isCancelled(slim)).isTrue();
        assertThat(TrackedRun.hasGivenPassphrase(slim)).isTrue();
        assertThat(TrackedRun.isRecorded(slim)).isTrue();
        assertThat(new TrackedRun(slim))
                .returns(new TrackedRun(JOB).key(), TrackedRun::key)
                .returns(new TrackedRun(JOB).identity(), TrackedRun::identity);
    }

    @Test
    void aPodTellsTheSame() {
        // when
        Pod slim = SlimJobs.slim(POD);

        // then
        assertThat(Serialization.asJson(slim)).hasSizeLessThan(2000);
        assertThat(slim.getStatus()).isEqualTo(POD.getStatus());
        assertThat(JobWatch.controllerOf(slim)).containsExactly("u");
        assertThat(slim.getSpec())
                .returns("n1", spec -> spec.getNodeName())
                .returns("other", spec -> spec.getSchedulerName());
        assertThat(JobView.of(SlimJobs.slim(JOB), List.of(slim), Optional.empty(), NOW))
                .isEqualTo(JobView.of(JOB, List.of(POD), Optional.empty(), NOW));
    }
}
