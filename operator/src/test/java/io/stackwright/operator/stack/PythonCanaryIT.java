package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The secrets of a program in Python, whose dependencies are installed, and whose provider lies in the state: they are
 * nowhere either.
 */
class PythonCanaryIT {

    private static final String PROGRAM = """
        import os
        import pulumi
        from ledger import Item

        config = pulumi.Config()
        token = config.require_secret("token")
        Item("kept", token, config.require("ledger"), "0")
        pulumi.export("token", token)
        pulumi.export("variable", pulumi.Output.secret(os.environ["CANARY"]))
        pulumi.export("made", pulumi.Output.secret("%s" + "%s"))
        """;

    private static final String PROJECT = """
        name: python-canaries
        runtime: python
        config:
          token: {type: string, secret: true}
          ledger: {type: string}
        """;

    @TempDir
    private Path folder;

    private final String config = canary();
    private final String variable = canary();
    private final String made = canary();

    @Test
    void whatAProgramInPythonKnowsIsNowhere() {
        Path data = folder.resolve("data");
        try (RunningOperator operator = RunningOperator.start(data)) {
            // given
            Stacks stacks = new Stacks(operator);
            stacks.putConfigMap("program", program());
            stacks.putSecret("inputs", Map.of("config", config, "variable", variable));

            // when
            try (Leaks leaks = new Leaks(
                    operator.client(),
                    operator.namespace(),
                    data,
                    operator.httpPort(),
                    List.of(config, variable, made))) {
                stacks.create("python", """
                    project: {configMap: {name: program}}
                    config: {ledger: "%s"}
                    configFrom: [{key: token, secretKeyRef: {name: inputs, key: config}}]
                    env: [{name: CANARY, valueFrom: {secretKeyRef: {name: inputs, key: variable}}}]
                    """.formatted(folder.resolve("ledger")));
                // The dependencies come from the network, while the search takes a processor of its own.
                patiently()
                        .atMost(Duration.ofMinutes(10))
                        .until(() -> stacks.status("python").applied() != null);
                stacks.awaitReady("python");

                // then they did arrive, and are nowhere else
                assertThat(stacks.secret("python-outputs"))
                        .containsEntry("token", config)
                        .containsEntry("variable", variable)
                        .containsEntry("made", made);
                assertThat(leaks.samples()).isPositive();
                assertThat(leaks.places(Set.of("inputs", "python-outputs"))).isEmpty();

                // when
                stacks.delete("python");
                stacks.awaitGone("python");

                // then
                assertThat(leaks.places(Set.of("inputs"))).isEmpty();
            }
        }
    }

    private Map<String, String> program() {
        Map<String, String> files = Scenario.program("python-ledger");
        files.keySet().retainAll(Set.of("ledger.py", "requirements.txt"));
        files.put("Pulumi.yaml", PROJECT);
        files.put("__main__.py", PROGRAM.formatted(made.substring(0, 20), made.substring(20)));
        return files;
    }

    private static String canary() {
        return "canary-" + UUID.randomUUID();
    }
}
