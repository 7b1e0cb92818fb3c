package io.stackwright.operator.languages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.operator.Mode;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dynamic provider is part of the program: a destroy that cannot have it says so, and goes on when it can. */
class MissingProviderIT {

    @TempDir
    private Path folder;

    @Test
    void aRegistryThatIsAwayHoldsADestroyUpAndIsNamed() throws Exception {
        // given a Stack that is up, and a machine that has lost what was installed and reaches no registry
        try (RunningOperator operator = RunningOperator.start(folder.resolve("data"))) {
            Scenario scenario = new Scenario(operator);
            Path ledger = applied(scenario);
            operator.stop();
            delete(folder.resolve("data/dependencies"));
            delete(folder.resolve("data/caches"));
            Map<String, String> cutOff = new HashMap<>(RunningOperator.environment());
            cutOff.put("npm_config_registry", "http://127.0.0.1:1/");
            cutOff.put("npm_config_fetch_retries", "0");
            operator.start(cutOff);

            // when
            scenario.delete("js");

            // then
            await().atMost(Scenario.PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    scenario.condition("js", Condition.READY).message())
                            .contains("could not be had with its dependencies", "ECONNREFUSED"));
            assertThat(scenario.get("js").getStatus().failures().reason()).isEqualTo("RuntimeMissing");
            assertThat(scenario.condition("js", Condition.STALLED).status()).isNotEqualTo(Condition.TRUE);
            assertThat(Scenario.ledger(ledger)).noneMatch(line -> line.startsWith("delete"));

            // when
            operator.stop();
            operator.start(RunningOperator.environment());

            // then
            scenario.awaitGone("js");
            assertThat(Scenario.ledger(ledger)).contains("delete a end", "delete b end");
            assertThat(scenario.inBackend("node-ledger", "js")).isFalse();
        }
    }

    /** Brings a Stack up whose program has a provider of its own; returns that one's ledger. */
    private Path applied(Scenario scenario) {
        scenario.configMap("node", Scenario.program("node-ledger"));
        Path ledger = folder.resolve("ledger");
        scenario.apply("js", """
            project: {configMap: {name: node}}
            config: {ledger: "%s"}
            updates: {retry: {initial: 5s}}
            """.formatted(ledger));
        scenario.awaitReady("js");
        return ledger;
    }

    /** The operator keeps the program; a pod's folders go with it. */
    @Test
    @Tag("both-modes-long")
    void aConfigMapThatIsGoneHoldsUpTheDestroyOfAJobAlone() throws Exception {
        // given
        try (RunningOperator operator = RunningOperator.start(folder.resolve("data"))) {
            Scenario scenario = new Scenario(operator);
            Path ledger = applied(scenario);
            scenario.deleteConfigMap("node");

            // when
            scenario.delete("js");

            // then
            if (Mode.current() == Mode.JOBS) {
                await().atMost(Scenario.PATIENCE)
                        .untilAsserted(() -> assertThat(scenario.condition("js", Condition.READY)
                                        .message())
                                .contains("could not be had with its source", "ConfigMap node does not exist"));
                assertThat(scenario.condition("js", Condition.STALLED).status()).isNotEqualTo(Condition.TRUE);
                assertThat(Scenario.ledger(ledger)).noneMatch(line -> line.startsWith("delete"));
                scenario.configMap("node", Scenario.program("node-ledger"));
            }
            scenario.awaitGone("js");
            assertThat(Scenario.ledger(ledger)).contains("delete a end", "delete b end");
        }
    }

    private static void delete(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
