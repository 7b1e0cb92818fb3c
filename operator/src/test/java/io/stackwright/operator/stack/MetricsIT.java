package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.telemetry.KnownMetrics;
import io.stackwright.operator.telemetry.PromTool;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a busy operator tells Prometheus. */
class MetricsIT {

    private static final Set<String> VERSIONS = Set.of("version", "pulumi", "java");
    private static final Pattern COMMAND = Pattern.compile("[a-z]+( [a-z]+)?");
    private static final Pattern NUMBER = Pattern.compile("[0-9.]+(E[0-9]+)?|\\+Inf");

    @TempDir
    private static Path data;

    private static RunningOperator operator;
    private static Stacks stacks;

    @BeforeAll
    static void aBusyOperator() {
        operator = RunningOperator.start(data);
        stacks = new Stacks(operator);
        stacks.create("telltale-good", "project: {inline: {name: telltale, runtime: yaml, outputs: {telltale: hi}}}");
        stacks.create(
                "telltale-failing",
                "project: {inline: {name: telltale-2, runtime: yaml, outputs: {out: '${telltale.missing}'}}}");
        stacks.putConfigMap("telltale-map", Map.of("README.md", "no program"));
        stacks.create("telltale-invalid", "project: {configMap: {name: telltale-map}}");
        stacks.create("telltale-suspended", "project: {inline: {name: telltale-4, runtime: yaml}}\nsuspend: true");
        stacks.create("telltale-git", "project: {git: {url: 'https://127.0.0.1:1/telltale.git', branch: telltale}}");
        stacks.createUpdate("telltale-held", "{stack: telltale-suspended, operation: Preview}");
        stacks.awaitPhase("telltale-held", Phase.Queued);
        stacks.cancel("telltale-held");
        stacks.awaitPhase("telltale-held", Phase.Cancelled);
        stacks.awaitReady("telltale-good");
        stacks.createUpdate("telltale-preview", "{stack: telltale-good, operation: Preview}");
        stacks.awaitPhase("telltale-preview", Phase.Succeeded);
        stacks.awaitStalled("telltale-invalid", Reason.SourceInvalid);
        stacks.awaitInProgress("telltale-git", Reason.SourceUnavailable);
        Stacks.patiently().untilAsserted(() -> {
            assertThat(stacks.status("telltale-failing").failures()).isNotNull();
            assertThat(stacks.status("telltale-failing").failures().nextAttemptAt())
                    .isNotNull();
        });
    }

    @AfterAll
    static void stop() {
        operator.close();
    }

    @Test
    void aScrapeIsWhatPrometheusReadsAndHasEveryDocumentedMetric() throws Exception {
        // given
        String scrape = Scrape.text(operator);
        List<String> documented = Pattern.compile("^\\| `(stackwright_\\w+)` \\|", Pattern.MULTILINE)
                .matcher(Files.readString(Toolchain.root().resolve("docs/reference/metrics.md")))
                .results()
                .map(found -> found.group(1))
                .toList();

        // when: Prometheus' own parser and lint
        PromTool.Answer answer = PromTool.run(scrape, "check", "metrics");

        // then: JVM metrics of the library have names of their own
        assertThat(answer.output().lines().filter(line -> line.contains("stackwright") || line.contains("error")))
                .isEmpty();
        assertThat(documented)
                .hasSizeGreaterThan(18)
                .allSatisfy(metric -> assertThat(scrape).containsPattern("(?m)^" + metric + "(_count)?[{ ]"));
    }

    @Test
    void noLabelHoldsWhatSomebodyElseChose() {
        // when
        Scrape all = Scrape.of(operator);

        // then
        assertThat(all.series()).hasSizeGreaterThan(100).hasSizeLessThan(600);
        for (Scrape.Series series : all.series()) {
            series.labels().forEach((label, value) -> {
                assertThat(value).as("%s", series).doesNotContain("telltale", operator.namespace(), "127.0.0.1");
                if (series.metric().startsWith("stackwright_")) {
                    assertThat(isOurs(series.metric(), label, value))
                            .as("%s=%s of %s", label, value, series.metric())
                            .isTrue();
                }
            });
        }
    }

    @Test
    void theNumbersAreTrue() {
        Stacks.patiently().untilAsserted(() -> {
            // when
            Scrape all = Scrape.of(operator);

            // then
            assertThat(all.value("stackwright_stacks", Map.of("state", "Ready")))
                    .isEqualTo(1);
            assertThat(all.value("stackwright_stacks", Map.of("state", "Suspended")))
                    .isEqualTo(1);
            assertThat(all.value("stackwright_stacks", Map.of("state", "Stalled")))
                    .isEqualTo(1);
            assertThat(all.value("stackwright_stacks", Map.of("state", "Reconciling")))
                    .isEqualTo(2);
            assertThat(all.value("stackwright_stacks_backing_off", Map.of())).isEqualTo(1);
            assertThat(all.value("stackwright_stacks_locked", Map.of())).isZero();
            assertThat(all.value("stackwright_oldest_failure_seconds", Map.of()))
                    .isPositive();
            assertThat(all.value("stackwright_cli_running", Map.of())).isZero();
            assertThat(all.value("stackwright_active_updates", Map.of())).isZero();
            assertThat(all.value("stackwright_leading", Map.of())).isEqualTo(1);
        });
        Scrape all = Scrape.of(operator);
        assertThat(all.value("stackwright_updates_total", Map.of("operation", "Preview", "result", "Succeeded")))
                .isEqualTo(1);
        assertThat(all.value("stackwright_updates_total", Map.of("operation", "Up", "result", "Failed")))
                .isPositive();
        assertThat(all.value("stackwright_source_fetches_total", Map.of("kind", "Git", "result", "failed")))
                .isPositive();
        // A watch is a WebSocket: its answer is 101.
        Map.of("read", "2xx", "write", "2xx", "watch", "1xx")
                .forEach((verb, code) -> assertThat(
                                all.value("stackwright_api_requests_total", Map.of("verb", verb, "code", code)))
                        .as(verb)
                        .isPositive());
    }

    @Test
    void everyUpdateThatEndedIsCountedOnceAlsoOneThatNeverRan() {
        Stacks.patiently().untilAsserted(() -> {
            // when
            Map<String, Integer> counted = Scrape.of(operator).ends();

            // then
            assertThat(counted).isEqualTo(Scrape.ends(operator)).containsEntry("Preview Cancelled", 1);
        });
    }

    @Test
    void whatBecameOfAStackIsAnEventOnce() {
        Stacks.patiently().untilAsserted(() -> {
            assertThat(stacks.events("telltale-good", event -> event.getReason().equals("Succeeded")))
                    .extracting(Event::getAction)
                    .containsExactlyInAnyOrder("Up", "Preview");
            assertThat(stacks.events(
                            "telltale-failing", event -> event.getType().equals("Warning")))
                    .extracting(Event::getReason, Event::getAction)
                    .containsExactly(tuple("UpdateFailed", "Up"));
            assertThat(stacks.events("telltale-invalid", event -> true))
                    .extracting(Event::getType, Event::getReason, Event::getAction)
                    .containsExactly(tuple("Warning", "SourceInvalid", "Reconcile"));
        });
    }

    private static boolean isOurs(String metric, String label, String value) {
        return switch (label) {
            case "le", "quantile" -> NUMBER.matcher(value).matches();
            case "command" -> COMMAND.matcher(value).matches();
            default ->
                VERSIONS.contains(label) || KnownMetrics.values(metric, label).contains(value);
        };
    }
}
