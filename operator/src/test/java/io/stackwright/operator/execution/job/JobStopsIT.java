package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.stack.KubeletDouble;
import io.stackwright.testkit.ControlPlane;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a request to stop does to a Job and its pod, whatever the caches show. */
class JobStopsIT {

    private static final ControlPlane PLANE = ControlPlane.shared();
    private static final OperatorSettings.Jobs SETTINGS =
            new OperatorSettings.Jobs("stackwright:1", "pulumi:1", Duration.ofHours(1));

    private static String namespace;
    private static KubeletDouble kubelet;

    @BeforeAll
    static void namespace() {
        namespace = PLANE.createNamespace("stops");
        kubelet = new KubeletDouble(PLANE.client(), namespace);
    }

    @Test
    void aPodIsAskedAndItsJobStays() {
        // given
        Job job = job("runs-1");
        Pod pod = kubelet.pod(job);

        // when
        boolean asked = stops("{}").stop(run("runs-1"), job);

        // then
        assertThat(asked).isTrue();
        assertThat(kubelet.isAskedToStop(pod)).isTrue();
        assertThat(kubelet.job("runs-1").getMetadata().getAnnotations())
                .containsEntry("stackwright.io/cancelled", "true");
    }

    @Test
    void whatHasNoPodAndWasNeverClaimedHasNotRun() {
        // given a pod that only says that it is one of it
        Job job = job("waits-1");
        Pod other = kubelet.pod(job("other-1"));

        // when
        boolean asked = stops("{}").stop(run("waits-1"), job);

        // then
        assertThat(asked).isFalse();
        assertThat(kubelet.job("waits-1")).isNull();
        assertThat(kubelet.isAskedToStop(other)).isFalse();
    }

    /** Forced away, say: nobody knows whether it has ended, so it has not been cancelled before it started. */
    @Test
    void whatWasClaimedAndHasNoPodHasRun() {
        // given
        Job job = job("vanished-1");

        // when
        boolean asked = stops("{run: {executor: {instance: uid, host: vanished-1-x2x4z}}}")
                .stop(run("vanished-1"), job);

        // then
        assertThat(asked).isTrue();
        assertThat(kubelet.job("vanished-1")).isNotNull();
    }

    private static JobStops stops(String status) {
        Update update = Serialization.unmarshal("""
            apiVersion: stackwright.io/v1alpha1
            kind: Update
            metadata: {name: any}
            status: %s
            """.formatted(status), Update.class);
        return new JobStops(PLANE.client(), any -> Optional.of(update));
    }

    private static Job job(String update) {
        return PLANE.client()
                .resource(JobObjects.job(Runs.request(run(update), Optional.empty()), SETTINGS))
                .create();
    }

    private static RunKey run(String update) {
        return new RunKey(new StackKey(namespace, "shop"), "stack-uid", update, "uid-of-" + update);
    }
}
