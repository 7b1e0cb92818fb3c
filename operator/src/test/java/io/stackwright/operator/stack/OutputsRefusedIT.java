package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RunningOperator;
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
            ResourceQuota quota = FullQuota.of(
                    operator,
                    "count/secrets",
                    new SecretBuilder()
                            .withNewMetadata()
                            .withName("probe")
                            .endMetadata()
                            .build());

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
}
