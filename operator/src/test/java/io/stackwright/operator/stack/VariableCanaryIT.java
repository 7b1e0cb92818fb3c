package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.RunningOperator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A secret in the environment never has Pulumi's mark. In an output it is in the outputs Secret, and, since Pulumi knows
 * no better, in the state: nowhere else.
 */
class VariableCanaryIT {

    @TempDir
    private Path folder;

    private final String variable = "canary-" + UUID.randomUUID();

    @Test
    void aVariableInAnOutputIsInItsSecretAlone() throws IOException {
        // given a state that is not searched
        Path data = Files.createDirectory(folder.resolve("data"));
        Path state = Files.createDirectory(folder.resolve("state"));
        try (RunningOperator operator = RunningOperator.start(data);
                Leaks leaks = new Leaks(
                        operator.client(), operator.namespace(), data, operator.httpPort(), List.of(variable))) {
            Stacks stacks = new Stacks(operator);
            stacks.putSecret("inputs", Map.of("variable", variable));

            // when
            stacks.create("bare", """
                project:
                  inline:
                    name: bare
                    runtime: yaml
                    variables: {environment: {"fn::readFile": /proc/self/environ}}
                    outputs:
                      text: "it has ${environment}, all of it"
                      deep: {list: [{environment: "${environment}"}]}
                      plain: fine
                backend: {url: "file://%s"}
                env: [{name: CANARY, valueFrom: {secretKeyRef: {name: inputs, key: variable}}}]
                """.formatted(state));
            StackStatus status = stacks.awaitReady("bare").getStatus();

            // then
            assertThat(status.secretOutputs()).containsExactlyInAnyOrder("text", "deep");
            assertThat(status.outputs()).containsOnlyKeys("plain");
            assertThat(stacks.secret("bare-outputs").get("text"))
                    .startsWith("it has ")
                    .contains("CANARY=" + variable);
            assertThat(stacks.secret("bare-outputs").get("deep"))
                    .startsWith("{\"list\":[{\"environment\":")
                    .contains("CANARY=" + variable);
            assertThat(leaks.samples()).isPositive();
            assertThat(leaks.places(Set.of("inputs", "bare-outputs"))).isEmpty();

            // when
            stacks.delete("bare");
            stacks.awaitGone("bare");

            // then
            assertThat(leaks.places(Set.of("inputs"))).isEmpty();
        }
    }
}
