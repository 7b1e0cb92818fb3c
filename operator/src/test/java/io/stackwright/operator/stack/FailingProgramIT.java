package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that fails: its own words are seen, it is tried again, and heals by itself once it is mended. */
@Tag("both-modes-long")
class FailingProgramIT {

    @TempDir
    private static Path folder;

    private static RunningOperator operator;
    private static Scenario scenario;

    @BeforeAll
    static void startOperator() throws Exception {
        operator = RunningOperator.start(
                folder.resolve("data"),
                io.stackwright.testkit.Toolchain.pulumi().toString(),
                PythonPulumi.on(RunningOperator.environment()));
        scenario = new Scenario(operator);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @Test
    void anUnknownReferenceInYaml() {
        // given
        scenario.configMap("bad-yaml", Map.of("Pulumi.yaml", """
            name: bad-yaml
            runtime: yaml
            resources:
              s: {type: "pulumi:index:Stash", properties: {input: "${nowhere}"}}
            outputs: {out: "${s.input}"}
            """));

        // when
        scenario.apply("bad-yaml", "project: {configMap: {name: bad-yaml}}");

        // then
        Condition ready = scenario.awaitNotReady("bad-yaml", "UpdateFailed");
        assertThat(ready.message()).contains("\"nowhere\" not found", "on Pulumi.yaml line 4");
        assertItIsTriedAgain("bad-yaml");

        // when
        scenario.configMap("bad-yaml", Map.of("Pulumi.yaml", """
            name: bad-yaml
            runtime: yaml
            resources:
              s: {type: "pulumi:index:Stash", properties: {input: "here"}}
            outputs: {out: "${s.input}"}
            """));

        // then at once, whatever the backoff was
        scenario.awaitReady("bad-yaml");
        assertThat(scenario.output("bad-yaml", "out").asText()).isEqualTo("here");
        assertThat(scenario.get("bad-yaml").getStatus().failures()).isNull();
    }

    @Test
    void anExceptionInPython() {
        // given
        Map<String, String> program = Scenario.program("python-ledger");
        program.remove("lib/titles.py");
        program.put("lib.titles.py", "");
        program.put(
                "__main__.py", program.get("__main__.py").replace("from lib.titles import title", "title = str.upper"));
        scenario.configMap("bad-python", program);

        // when
        scenario.apply("bad-python", """
            project: {configMap: {name: bad-python}, install: Never}
            config: {ledger: "%s", broken: "the moon is in the way"}
            updates: {retry: {initial: 5s}}
            """.formatted(folder.resolve("bad-python.ledger")));

        // then
        Condition ready = scenario.awaitNotReady("bad-python", "UpdateFailed");
        assertThat(ready.message()).contains("ValueError: the moon is in the way", "__main__.py", "line 2");
        assertThat(ready.message()).doesNotContain(folder.toString());
        assertItIsTriedAgain("bad-python");

        // then it is tried again, and again
        await().atMost(Scenario.PATIENCE)
                .until(() -> scenario.get("bad-python").getStatus().failures().count() >= 2);
        assertThat(scenario.updates("bad-python").getFirst().getStatus().phase())
                .isEqualTo(Phase.Failed);

        // when
        scenario.patch("bad-python", "{\"spec\": {\"config\": {\"broken\": \"\"}}}");

        // then nothing is made twice
        scenario.awaitReady("bad-python");
        assertThat(Scenario.ledger(folder.resolve("bad-python.ledger")))
                .filteredOn(line -> line.endsWith("end"))
                .containsExactlyInAnyOrder("create a end", "create b end");
    }

    private static void assertItIsTriedAgain(String stack) {
        assertThat(scenario.condition(stack, Condition.RECONCILING).status()).isEqualTo(Condition.TRUE);
        assertThat(scenario.condition(stack, Condition.STALLED).status()).isNotEqualTo(Condition.TRUE);
        FailureStatus failure = scenario.get(stack).getStatus().failures();
        assertThat(Instant.parse(failure.nextAttemptAt())).isAfter(Instant.parse(failure.lastAt()));
    }
}
