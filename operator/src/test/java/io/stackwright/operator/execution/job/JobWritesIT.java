package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.stack.KubeletDouble;
import io.stackwright.testkit.ControlPlane;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Job's controller writes it whenever a pod starts or ends, which is when we do: neither is in the other's way. */
class JobWritesIT {

    private static final ControlPlane PLANE = ControlPlane.shared();
    private static final OperatorSettings.Jobs SETTINGS =
            new OperatorSettings.Jobs("stackwright:1", "pulumi:1", Duration.ofHours(1));

    private String namespace;
    private KubeletDouble kubelet;
    private KubernetesClient ours;

    @BeforeEach
    void aControllerThatWritesBeforeEachOfOurs() {
        namespace = PLANE.createNamespace("writes");
        kubelet = new KubeletDouble(PLANE.client(), namespace);
        ours = new KubernetesClientBuilder()
                .withConfig(PLANE.config())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("controller", new Interceptor() {
                    @Override
                    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                        if (request.method().equals("PATCH")
                                && request.uri().getPath().contains("/jobs/")) {
                            controllerWrites();
                        }
                    }
                }))
                .build();
    }

    @AfterEach
    void close() {
        ours.close();
    }

    @Test
    void howLongAJobIsKept() {
        // given
        Job job = job();

        // when
        new JobMaker(ours, null, null, SETTINGS).forget(run());

        // then
        assertThat(kubelet.job("shop-1").getSpec().getTtlSecondsAfterFinished()).isEqualTo(3600);
        assertThat(kubelet.job("shop-1").getMetadata().getUid())
                .isEqualTo(job.getMetadata().getUid());
        assertControllerWasHeard();
    }

    @Test
    void thatAJobIsAskedToStop() {
        // given
        Job job = job();
        var pod = kubelet.run(kubelet.pod(job));

        // when
        new JobStops(ours, any -> Optional.empty()).stop(run(), job);

        // then
        assertThat(kubelet.isAskedToStop(pod)).isTrue();
        assertThat(kubelet.job("shop-1").getMetadata().getAnnotations()).containsEntry(JobObjects.CANCELLED, "true");
        assertControllerWasHeard();
    }

    private void assertControllerWasHeard() {
        assertThat(kubelet.job("shop-1").getMetadata().getAnnotations()).containsEntry("controller", "was here");
    }

    private void controllerWrites() {
        PLANE.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName("shop-1")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"controller\": \"was here\"}}}");
    }

    private Job job() {
        return PLANE.client()
                .resource(JobObjects.job(Runs.request(run(), Optional.empty()), SETTINGS))
                .create();
    }

    private RunKey run() {
        return new RunKey(new StackKey(namespace, "shop"), "stack-uid", "shop-1", "uid-of-shop-1");
    }
}
