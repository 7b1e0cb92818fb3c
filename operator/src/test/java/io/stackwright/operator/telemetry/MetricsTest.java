package io.stackwright.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.kube.ApiVerb;
import java.time.Duration;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetricsTest {

    private final Metrics metrics = new Metrics();

    @BeforeEach
    void recordOneOfEach() {
        metrics.buildInfo("1.2.3", "3.250.0");
        metrics.observeQueue(() -> 5, () -> 2, () -> 1);
        metrics.observeLeadership(() -> true);
        metrics.updateStarted(Duration.ofSeconds(3));
        metrics.updateEnded(Operation.Up, Phase.Succeeded);
        metrics.drifted(3);
        metrics.runFinished(Operation.Up, RunStatus.Result.Succeeded, Duration.ofSeconds(7));
        metrics.cliProcessStarted("up");
        metrics.cliProcessStarted("whatever --a-person-typed");
        metrics.sourceFetched(Metrics.SourceKind.Git, false, Duration.ofMillis(300));
        metrics.cliProcessEnded();
        metrics.apiRequest(ApiVerb.WRITE, 201);
        metrics.apiRequest(ApiVerb.READ, 418);
        metrics.apiRequest(ApiVerb.READ, 409);
        metrics.apiRequest(ApiVerb.WATCH, 0);
        metrics.observeStacks(() -> new StackCensus(
                Map.of(StackCensus.State.Stalled, 3), 2, 1, Duration.ofMinutes(2), Duration.ofMinutes(3)));
        metrics.reconciled("stack", true);
        metrics.eventSent();
        metrics.eventFailed();
        metrics.eventDropped();
    }

    @AfterEach
    void close() {
        metrics.close();
    }

    /** An alert asks whether it grows: of a process that has started nothing it would never be told. */
    @Test
    void thatNothingWasStartedIsSaid() {
        try (Metrics fresh = new Metrics()) {
            assertThat(fresh.scrape()).contains("stackwright_queue_wait_seconds_count 0");
        }
    }

    /** What a series is born with is no growth to Prometheus: alerts would not see the first that fail after a start. */
    @Test
    void whatAlertsCountStartsAtZero() {
        try (Metrics fresh = new Metrics()) {
            // given
            fresh.observeReconciler("stack");

            // when
            String scrape = fresh.scrape();

            // then
            assertThat(valuesOf("stackwright_updates_total", scrape))
                    .hasSize(4 * 5)
                    .containsEntry("operation=\"Up\",result=\"Failed\"", "0.0")
                    .containsEntry("operation=\"Destroy\",result=\"Interrupted\"", "0.0")
                    .doesNotContainKey("operation=\"Up\",result=\"Running\"");
            assertThat(valuesOf("stackwright_source_fetches_total", scrape))
                    .hasSize(3 * 2)
                    .containsEntry("kind=\"Git\",result=\"failed\"", "0.0");
            assertThat(valuesOf("stackwright_api_requests_total", scrape))
                    .hasSize(3 * 13)
                    .containsEntry("code=\"403\",verb=\"write\"", "0.0")
                    .containsEntry("code=\"5xx\",verb=\"read\"", "0.0")
                    .containsEntry("code=\"none\",verb=\"watch\"", "0.0");
            assertThat(valuesOf("stackwright_reconciles_total", scrape))
                    .hasSize(2)
                    .containsEntry("controller=\"stack\",result=\"failed\"", "0.0");
            assertThat(Stream.of("updates", "source_fetches", "api_requests", "reconciles")
                            .flatMap(name -> valuesOf("stackwright_" + name + "_total", scrape).values().stream()))
                    .containsOnly("0.0");
        }
    }

    /** By labels. */
    private static Map<String, String> valuesOf(String metric, String scrape) {
        return Pattern.compile("^" + metric + "\\{(.*)} (\\S+)$", Pattern.MULTILINE)
                .matcher(scrape)
                .results()
                .collect(Collectors.toMap(line -> line.group(1), line -> line.group(2)));
    }

    @Test
    void everythingHasItsNameAndLabels() {
        assertThat(metrics.scrape())
                .contains("stackwright_updates_total{operation=\"Up\",result=\"Succeeded\"} 1.0")
                .contains("stackwright_update_duration_seconds_sum{operation=\"Up\",result=\"Succeeded\"} 7.0")
                .contains("stackwright_update_duration_seconds_bucket{operation=\"Up\",result=\"Succeeded\",le=\"5.0\"}"
                        + " 0")
                .contains(
                        "stackwright_update_duration_seconds_bucket{operation=\"Up\",result=\"Succeeded\",le=\"10.0\"}"
                                + " 1")
                .contains("stackwright_drifted_resources_total 3.0")
                .contains("stackwright_queue_depth 5.0")
                .contains("stackwright_active_updates 2.0")
                .contains("stackwright_queue_wait_seconds_sum 3.0")
                .contains("stackwright_cli_processes_total{command=\"up\"} 1.0")
                .contains("stackwright_cli_processes_total{command=\"other\"} 1.0")
                .contains("stackwright_cli_running 1.0")
                .contains("stackwright_api_requests_total{code=\"2xx\",verb=\"write\"} 1.0")
                .contains("stackwright_api_requests_total{code=\"4xx\",verb=\"read\"} 1.0")
                .contains("stackwright_api_requests_total{code=\"409\",verb=\"read\"} 1.0")
                .contains("stackwright_api_requests_total{code=\"none\",verb=\"watch\"} 1.0")
                .contains("stackwright_stacks{state=\"Stalled\"} 3.0")
                .contains("stackwright_stacks{state=\"Ready\"} 0.0")
                .contains("stackwright_stacks_backing_off 2.0")
                .contains("stackwright_stacks_locked 1.0")
                .contains("stackwright_oldest_failure_seconds 120.0")
                .contains("stackwright_oldest_update_seconds 180.0")
                .contains("stackwright_source_fetch_duration_seconds_sum{kind=\"Git\",result=\"failed\"} 0.3")
                .contains("stackwright_source_fetches_total{kind=\"Git\",result=\"failed\"} 1.0")
                .contains("stackwright_reconciles_total{controller=\"stack\",result=\"succeeded\"} 1.0")
                .contains("stackwright_events_total{result=\"sent\"} 1.0")
                .contains("stackwright_events_total{result=\"failed\"} 1.0")
                .contains("stackwright_events_total{result=\"dropped\"} 1.0")
                .contains("stackwright_build_info{java=\"" + Runtime.version()
                        + "\",pulumi=\"3.250.0\",version=\"1.2.3\"} 1")
                .contains("jvm_memory_used_bytes{")
                .contains("process_uptime_seconds ")
                .contains("process_files_open_files ");
    }

    @ParameterizedTest
    @EnumSource(MetricDefinition.class)
    void theDocumentedOnesAreThere(MetricDefinition definition) {
        assertThat(metrics.scrape())
                .contains("# HELP " + definition.metric() + " ")
                .contains("# TYPE " + definition.metric() + " " + definition.type() + "\n");
    }

    @Test
    void thereAreNoOthers() {
        // when
        long own = Pattern.compile("^# TYPE stackwright_.*$", Pattern.MULTILINE)
                .matcher(metrics.scrape())
                .results()
                .map(MatchResult::group)
                .filter(line -> !line.contains("_max "))
                .count();

        // then
        assertThat(own).isEqualTo(MetricDefinition.values().length);
    }
}
