package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RunningOperator;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that cannot be made for now, with an operator that may run one at a time. */
class JobStartsIT {

    private static final String SPEC = """
        project: {inline: {name: hello, runtime: yaml}}
        backend: {url: "s3://state"}
        """;

    @TempDir
    private Path data;

    private RunningOperator operator;
    private Stacks stacks;
    private KubeletDouble kubelet;

    @BeforeEach
    void start() {
        operator = RunningOperator.start(data, RunningOperator.jobs(1));
        stacks = new Stacks(operator.client(), operator.namespace());
        kubelet = new KubeletDouble(operator.client(), operator.namespace());
    }

    @AfterEach
    void stop() {
        operator.close();
    }

    @Test
    void aJobThatAWebhookKeepsFromBeingMadeSaysSoLetsOthersThroughAndIsMadeLater() {
        // given
        ValidatingWebhookConfiguration webhook =
                operator.client().resource(awayFor("stuck")).create();

        // when
        stacks.create("stuck", SPEC);

        // then
        assertThat(stacks.awaitInProgress("stuck", Reason.ApiUnavailable).message())
                .contains("the Job cannot be made", "jobs.example.com");

        // when
        stacks.create("fine", SPEC);

        // then
        kubelet.awaitJob("fine-1");
        assertThat(kubelet.job("stuck-1")).isNull();

        // when
        operator.client().resource(webhook).delete();

        // then
        kubelet.awaitJob("stuck-1");
        stacks.awaitInProgress("stuck", Reason.Progressing);
        assertThat(stacks.updates("stuck")).hasSize(1);
    }

    @Test
    void aQuotaOfJobsSaysSoAndARunIsMadeWhenItIsGone() {
        // given
        ResourceQuota quota = FullQuota.of(operator, "count/jobs.batch", Serialization.unmarshal("""
            apiVersion: batch/v1
            kind: Job
            metadata: {name: probe}
            spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}
            """, Job.class));

        // when
        stacks.create("crowded", SPEC + "updates: {retry: {initial: 1s, max: 1s}}");

        // then
        assertThat(stacks.awaitInProgress("crowded", Reason.QuotaExceeded).message())
                .contains("exceeded quota", "count/jobs.batch");
        assertThat(stacks.update("crowded-1").getStatus().failure().reason()).isEqualTo(Reason.QuotaExceeded.name());
        assertThat(kubelet.job("crowded-1")).isNull();

        // when
        operator.client().resource(quota).delete();

        // then
        Stacks.patiently()
                .until(() -> stacks.updates("crowded").stream()
                        .anyMatch(update -> kubelet.job(update.getMetadata().getName()) != null));
    }

    @Test
    void aRunThatCannotBeMadeCanBeCancelled() {
        // given
        ValidatingWebhookConfiguration webhook =
                operator.client().resource(awayFor("cancelled")).create();
        stacks.create("cancelled", SPEC);
        stacks.awaitInProgress("cancelled", Reason.ApiUnavailable);

        // when
        stacks.cancel("cancelled-1");

        // then
        stacks.awaitPhase("cancelled-1", Phase.Cancelled);
        assertThat(kubelet.job("cancelled-1")).isNull();
        operator.client().resource(webhook).delete();
    }

    @Test
    void aPodThatNoSchedulerLooksAtSaysSoAndLetsOthersThrough() {
        // given
        stacks.create("nobodys", SPEC + "execution: {podTemplate: {spec: {schedulerName: nobody}}}");
        kubelet.unscheduled(kubelet.awaitJob("nobodys-1"));

        // when
        stacks.create("fine", SPEC);

        // then
        kubelet.awaitJob("fine-1");
        assertThat(stacks.awaitInProgress("nobodys", Reason.Unschedulable).message())
                .contains("no scheduler has looked at the pod", "nobody");
    }

    /** Nobody listens there. */
    private ValidatingWebhookConfiguration awayFor(String stack) {
        return Serialization.unmarshal(
                """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingWebhookConfiguration
                metadata: {name: %1$s-%2$s}
                webhooks:
                  - name: jobs.example.com
                    admissionReviewVersions: [v1]
                    sideEffects: None
                    failurePolicy: Fail
                    timeoutSeconds: 2
                    clientConfig: {url: "https://127.0.0.1:1/jobs"}
                    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                    objectSelector: {matchLabels: {stackwright.io/stack: %2$s}}
                    rules:
                      - {apiGroups: [batch], apiVersions: [v1], operations: [CREATE], resources: [jobs]}
                """.formatted(operator.namespace(), stack), ValidatingWebhookConfiguration.class);
    }
}
