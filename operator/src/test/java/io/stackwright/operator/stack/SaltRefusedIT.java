package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.job.RunObjects;
import io.stackwright.operator.execution.job.RunResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API server refuses the Secret that keeps the salt of a run in a Job, as a namespace's quota does. */
class SaltRefusedIT {

    private static final String SALT = "v1:c2FsdHNhbHQ=:v1:bm9uY2Vub25jZQ==:Y2lwaGVydGV4dA==";

    @TempDir
    private Path data;

    @Test
    void theRunEndsAndSaysWhyAndTheNextOneKeepsIt() {
        try (RunningOperator operator = RunningOperator.start(data, RunningOperator.jobs(8))) {
            // given
            Stacks stacks = new Stacks(operator.client(), operator.namespace());
            KubeletDouble kubelet = new KubeletDouble(operator.client(), operator.namespace());
            create(stacks, "full");
            kubelet.awaitJob("full-1");
            ResourceQuota quota = FullQuota.of(
                    operator,
                    "count/secrets",
                    new SecretBuilder()
                            .withNewMetadata()
                            .withName("probe")
                            .endMetadata()
                            .build());

            // when
            succeed(kubelet, "full-1");

            // then
            Update failed = stacks.awaitPhase("full-1", Phase.Failed);
            assertThat(failed.getStatus().failure().reason()).isEqualTo(Reason.QuotaExceeded.name());
            assertThat(failed.getStatus().failure().message()).contains("full-encryptionsalt", "exceeded quota");
            stacks.awaitInProgress("full", Reason.QuotaExceeded);
            Stacks.patiently()
                    .untilAsserted(() -> assertThat(stacks.secret(RunObjects.input("full-1")))
                            .as("it takes room in the quota")
                            .isNull());

            // when
            operator.client().resource(quota).delete();
            succeed(kubelet, awaitNext(stacks, kubelet));

            // then
            stacks.awaitReady("full");
            assertThat(stacks.secret("full-encryptionsalt")).containsEntry("encryptionsalt", SALT);
        }
    }

    /** Nothing says that it will not have it for good: the run has not failed, and its report waits in its Secret. */
    @Test
    void whatKeepsItFromBeingKeptForNowIsToldAndTheReportTakenUpLater() {
        try (RunningOperator operator = RunningOperator.start(data, RunningOperator.jobs(8))) {
            // given
            Stacks stacks = new Stacks(operator.client(), operator.namespace());
            KubeletDouble kubelet = new KubeletDouble(operator.client(), operator.namespace());
            create(stacks, "late");
            kubelet.awaitJob("late-1");
            ValidatingWebhookConfiguration webhook =
                    operator.client().resource(away(operator.namespace())).create();
            Stacks.patiently().until(() -> isRefused(operator));

            // when
            succeed(kubelet, "late-1");

            // then
            assertThat(stacks.awaitInProgress("late", Reason.ApiUnavailable).message())
                    .contains("its report cannot be taken up yet", "secrets.example.com");
            assertThat(stacks.update("late-1").getStatus().phase()).isEqualTo(Phase.Running);

            // when
            operator.client().resource(webhook).delete();

            // then
            stacks.awaitReady("late");
            assertThat(stacks.secret("late-encryptionsalt")).containsEntry("encryptionsalt", SALT);
            assertThat(stacks.updates("late")).hasSize(1);
        }
    }

    private static void create(Stacks stacks, String name) {
        stacks.putSecret("phrase", Map.of("value", "shibboleth"));
        stacks.create(name, """
            project: {inline: {name: hello, runtime: yaml}}
            backend: {url: "s3://state"}
            secretsProvider: {passphrase: {secretKeyRef: {name: phrase, key: value}}}
            updates: {retry: {initial: 1s, max: 2s}}
            """);
    }

    private static boolean isRefused(RunningOperator operator) {
        try {
            operator.client()
                    .resource(new SecretBuilder()
                            .withNewMetadata()
                            .withName("probe")
                            .withNamespace(operator.namespace())
                            .endMetadata()
                            .build())
                    .dryRun()
                    .create();
            return false;
        } catch (KubernetesClientException e) {
            return true;
        }
    }

    /** Nobody listens there. */
    private static ValidatingWebhookConfiguration away(String namespace) {
        return Serialization.unmarshal("""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata: {name: %1$s-away}
            webhooks:
              - name: secrets.example.com
                admissionReviewVersions: [v1]
                sideEffects: None
                failurePolicy: Fail
                timeoutSeconds: 2
                clientConfig: {url: "https://127.0.0.1:1/secrets"}
                namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                rules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [secrets]}]
            """.formatted(namespace), ValidatingWebhookConfiguration.class);
    }

    /** Those before it had no room for their own Secrets. */
    private static String awaitNext(Stacks stacks, KubeletDouble kubelet) {
        Supplier<Optional<String>> next = () -> stacks.updates("full").stream()
                .map(update -> update.getMetadata().getName())
                .filter(name -> !name.equals("full-1") && kubelet.job(name) != null)
                .findFirst();
        return Stacks.patiently().until(next::get, Optional::isPresent).orElseThrow();
    }

    private static void succeed(KubeletDouble kubelet, String update) {
        Pod pod = kubelet.run(kubelet.pod(kubelet.awaitJob(update)));
        try (KubernetesClient run = kubelet.asRun(update)) {
            kubelet.claim(run, update, pod);
            kubelet.put(run, update, RunObjects.ENCRYPTION_SALT, SALT.getBytes(StandardCharsets.UTF_8));
            kubelet.report(run, update, succeeded());
        }
        kubelet.succeed(pod);
    }

    private static RunResult succeeded() {
        return new RunResult(
                new RunOutcome(
                        RunStatus.Result.Succeeded,
                        Optional.empty(),
                        Optional.of(false),
                        Optional.of(Map.of()),
                        OptionalInt.of(1),
                        Map.of()),
                Optional.empty());
    }
}
