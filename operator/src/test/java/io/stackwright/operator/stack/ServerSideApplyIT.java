package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RunningOperator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects of any content lose their members, or become null, as they do when GitOps tools apply a manifest. */
class ServerSideApplyIT {

    @TempDir
    private static Path folder;

    private static RunningOperator operator;
    private static Stacks stacks;

    @BeforeAll
    static void startOperator() {
        operator = RunningOperator.start(folder.resolve("data"));
        stacks = new Stacks(operator);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @Test
    void whatIsEmptiedOrNullIsToldAndWhatIsLeftOutIsNotSet() throws IOException {
        // given
        apply("config: {greeting: hello, extra: {deep: [1, {a: b}], gone: x}}");
        awaitOutputs("hello", "{\"deep\":[1,{\"a\":\"b\"}],\"gone\":\"x\"}");

        // when, then: a member of a member goes
        apply("config: {greeting: hello, extra: {deep: [1]}}");
        awaitOutputs("hello", "{\"deep\":[1]}");

        // when an object is emptied, of which the API server makes null
        apply("config: {greeting: hello, extra: {}}");

        // then that is said, and not run with
        assertThat(stacks.awaitStalled("applied", Reason.InputsInvalid).message())
                .contains("spec.config[\"extra\"] is null", "server-side apply");

        // when, then: the key is left out
        apply("config: {greeting: hello}");
        awaitOutputs("hello", "{}");

        // when, then: all of it is emptied, which the API server refuses
        assertThatThrownBy(() -> apply("config: {}")).hasMessageContaining("Invalid value: null");
        awaitOutputs("hello", "{}");

        // when, then: it is left out
        apply("config: {greeting: again}");
        awaitOutputs("again", "{}");
        apply("historyLimit: 5");
        awaitOutputs("hi", "{}");

        // when, then: it is null, as templates leave it
        apply("config: {greeting: back}");
        awaitOutputs("back", "{}");
        assertThatThrownBy(() -> apply("config: null")).hasMessageContaining("Invalid value: null");
        awaitOutputs("back", "{}");
        assertThat(stacks.status("applied").failures()).isNull();
    }

    @Test
    void whatClientsApplyEndsTheSame() throws IOException {
        // given
        apply("config: {greeting: hello}", "--server-side=false", "other");
        awaitOutputs("other", "hello", "{}");

        // when, then
        apply("config: {}", "--server-side=false", "other");
        awaitOutputs("other", "hi", "{}");
        apply("config: {greeting: again}", "--server-side=false", "other");
        awaitOutputs("other", "again", "{}");
        apply("config: null", "--server-side=false", "other");
        awaitOutputs("other", "hi", "{}");
    }

    private static void apply(String config) throws IOException {
        apply(config, "--server-side", "applied");
    }

    private static void apply(String config, String how, String name) throws IOException {
        Path manifest = Files.writeString(folder.resolve(name + ".yaml"), """
            apiVersion: stackwright.io/v1alpha1
            kind: Stack
            metadata: {name: %s}
            spec:
              project:
                inline:
                  name: applied
                  runtime: yaml
                  config:
                    greeting: {type: string, default: hi}
                    extra: {type: object, default: {}}
                  outputs: {greeting: "${greeting}", extra: "${extra}"}
              %s
            """.formatted(name, config));
        Kubectl.run(operator.namespace(), "apply", how, "-f", manifest.toString());
    }

    private static void awaitOutputs(String greeting, String extra) {
        awaitOutputs("applied", greeting, extra);
    }

    private static void awaitOutputs(String name, String greeting, String extra) {
        patiently().untilAsserted(() -> {
            var outputs = stacks.status(name).outputs();
            assertThat(outputs).as("%s", stacks.status(name)).isNotNull();
            assertThat(outputs.get("greeting").asText()).isEqualTo(greeting);
            assertThat(outputs.get("extra")).hasToString(extra);
        });
        stacks.awaitReady(name);
    }
}
