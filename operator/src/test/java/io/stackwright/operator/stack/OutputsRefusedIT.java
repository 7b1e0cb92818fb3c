package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatusBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RunningOperator;
import java.net.HttpURLConnection;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API server refuses the outputs Secret, as a namespace's quota does. */
class OutputsRefusedIT {

    @TempDir
    private Path data;

    @Test
    void itIsSaidAndHealsByItself() {
        try (RunningOperator operator = RunningOperator.start(data)) {
            // given
            Stacks stacks = new Stacks(operator);
            stacks.create("full", """
                project:
                  inline:
                    name: full
                    runtime: yaml
                    config: {greeting: {type: string, default: hi}}
                    outputs: {out: "${greeting}"}
                updates: {retry: {initial: 1s, max: 2s}}
                """);
            stacks.awaitReady("full");
            ResourceQuota quota = noMoreSecrets(operator);

            // when
            stacks.deleteSecret("full-outputs");
            stacks.patch("full", "{\"spec\": {\"config\": {\"greeting\": \"hello\"}}}");

            // then
            assertThat(stacks.awaitInProgress("full", Reason.OutputsRefused).message())
                    .contains("the resources are applied", "Secret `full-outputs`", "quota");
            assertThat(stacks.secret("full-outputs")).isNull();

            // when
            operator.client().resource(quota).delete();

            // then
            stacks.awaitReady("full");
            assertThat(stacks.secret("full-outputs")).isEqualTo(Map.of("out", "hello"));
        }
    }

    /** There is no controller here that counts: the test says what is used. */
    private static ResourceQuota noMoreSecrets(RunningOperator operator) {
        ResourceQuota quota = operator.client()
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("no-more-secrets")
                        .withNamespace(operator.namespace())
                        .endMetadata()
                        .withNewSpec()
                        .addToHard("count/secrets", new Quantity("1"))
                        .endSpec()
                        .build())
                .create();
        quota.setStatus(new ResourceQuotaStatusBuilder()
                .addToHard("count/secrets", new Quantity("1"))
                .addToUsed("count/secrets", new Quantity("1"))
                .build());
        operator.client().resource(quota).updateStatus();
        patiently().until(() -> isRefused(operator));
        return quota;
    }

    private static boolean isRefused(RunningOperator operator) {
        var probe = operator.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("probe")
                        .withNamespace(operator.namespace())
                        .endMetadata()
                        .build());
        try {
            probe.create();
            probe.delete();
            return false;
        } catch (KubernetesClientException e) {
            return e.getCode() == HttpURLConnection.HTTP_FORBIDDEN;
        }
    }
}
