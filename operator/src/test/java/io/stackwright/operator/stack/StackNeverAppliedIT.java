package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.RunningOperator;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stacks that exist in their backend, though nothing was ever applied to them. */
@Tag("both-modes")
class StackNeverAppliedIT {

    @TempDir
    private Path data;

    @Test
    void aStackWhoseProgramNeverRanCanBeDeleted() {
        try (RunningOperator operator = RunningOperator.start(data)) {
            // given
            Stack stack = create(operator, """
                apiVersion: stackwright.io/v1alpha1
                kind: Stack
                metadata: {name: unconfigured}
                spec:
                  project:
                    inline:
                      name: unconfigured
                      runtime: yaml
                      config: {needed: {type: string}}
                      outputs: {out: "${needed}"}
                """);
            patiently()
                    .untilAsserted(
                            () -> assertThat(get(operator, stack).getStatus().condition(Condition.STALLED))
                                    .map(Condition::reason)
                                    .contains(Reason.ConfigInvalid.name()));
            Path state = operator.state().resolve(".pulumi/stacks/unconfigured/unconfigured.json");
            assertThat(state).exists();

            // when
            operator.client().resource(stack).delete();

            // then
            patiently().untilAsserted(() -> assertThat(get(operator, stack)).isNull());
            assertThat(state).doesNotExist();
        }
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(60));
    }

    private static Stack create(RunningOperator operator, String yaml) {
        Stack stack = Serialization.unmarshal(yaml, Stack.class);
        stack.getMetadata().setNamespace(operator.namespace());
        return operator.client().resource(operator.fitted(stack)).create();
    }

    private static Stack get(RunningOperator operator, Stack stack) {
        return operator.client().resource(stack).get();
    }
}
