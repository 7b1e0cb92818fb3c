package io.stackwright.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alerts and the dashboard: in Prometheus' own eyes, and against the metrics that there are. */
class AlertsIT {

    private static final Path CHART = Toolchain.root().resolve("helm/stackwright/files");
    private static final Path RUNBOOKS = Toolchain.root().resolve("docs/runbooks");
    private static final Pattern CAN_I = Pattern.compile("\\bauth can-i \\w+ (\\S+)");
    private static final Path ALERTS = CHART.resolve("alerts.yaml");

    @Test
    void prometheusLoadsTheRules() {
        assertThat(PromTool.run("", "check", "rules", "--lint=all", "--lint-fatal", ALERTS.toString()))
                .satisfies(answer ->
                        assertThat(answer.exitCode()).as(answer.output()).isZero());
    }

    @Test
    void eachAlertFiresWhenItShouldAndNotBefore(@TempDir Path folder) throws IOException {
        // given
        Path tests = Path.of("src/test/resources/alerts/tests.yaml").toAbsolutePath();
        Files.copy(ALERTS, folder.resolve("alerts.yaml"));
        Files.copy(tests, folder.resolve("tests.yaml"));

        // when
        PromTool.Answer answer =
                PromTool.run("", "test", "rules", folder.resolve("tests.yaml").toString());

        // then
        assertThat(answer.exitCode()).as(answer.output()).isZero();
        assertThat(Files.readString(tests)).contains(alertNames());
    }

    @Test
    void everyAlertTellsWhatToDoAndHasItsRunbook() throws IOException {
        for (JsonNode alert : alerts()) {
            String name = alert.path("alert").asText();
            String runbook = alert.at("/annotations/runbook_url").asText();
            assertThat(alert.at("/labels/severity").asText()).as(name).isIn("critical", "warning");
            assertThat(alert.at("/annotations/summary").asText()).as(name).isNotBlank();
            assertThat(alert.at("/annotations/description").asText()).as(name).isNotBlank();
            assertThat(runbook).isEqualTo("docs/runbooks/" + name + ".md");
            assertThat(Files.readString(Toolchain.root().resolve(runbook)))
                    .startsWith("# " + name + "\n")
                    .contains("## Meaning", "## Impact", "## Diagnosis", "## Remedy", "```sh\n", "kubectl ");
        }
        try (Stream<Path> files = Files.list(RUNBOOKS)) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(file -> !file.equals("README.md"))
                            .map(file -> file.replace(".md", "")))
                    .containsExactlyInAnyOrder(alertNames());
        }
    }

    /** The chart gives rights to one lease by its name: asked for all of them, a healthy installation says no. */
    @Test
    void runbooksAskForRightsToTheLeaseByItsName() throws IOException {
        // when
        List<String> asked = new ArrayList<>();
        try (Stream<Path> files = Files.list(RUNBOOKS)) {
            for (Path file : files.toList()) {
                CAN_I.matcher(Files.readString(file)).results().forEach(found -> asked.add(found.group(1)));
            }
        }

        // then
        assertThat(asked)
                .filteredOn(resource -> resource.startsWith("lease"))
                .isNotEmpty()
                .allMatch(resource -> resource.matches("leases\\.coordination\\.k8s\\.io/[a-z0-9-]+"));
    }

    @Test
    void alertsAndDashboardAskForWhatThereIs() throws IOException {
        // given
        Set<String> expressions = new TreeSet<>();
        alerts().forEach(alert -> expressions.add(alert.path("expr").asText()));
        panels().stream()
                .flatMap(panel -> panel.findValues("expr").stream())
                .forEach(expression -> expressions.add(concrete(expression.asText())));
        KnownMetrics known = KnownMetrics.all();

        // then
        assertThat(expressions).hasSizeGreaterThan(30);
        for (String expression : expressions) {
            Set<String> labels = new HashSet<>();
            for (PromTool.Selector selector : PromTool.selectors(expression)) {
                assertThat(known.labels(selector.metric())).as(expression).isPresent();
                labels.addAll(known.labels(selector.metric()).orElseThrow());
                for (PromTool.Matcher matcher : selector.matchers()) {
                    assertThat(known.isPossible(selector.metric(), matcher))
                            .as("%s in %s", matcher, expression)
                            .isTrue();
                }
            }
            assertThat(labels).as(expression).containsAll(PromTool.groupings(expression));
        }
    }

    /** With several releases in a cluster, each one's rules are about that one: the chart puts in its names. */
    @Test
    void alertsAskForOneRelease() throws IOException {
        for (JsonNode alert : alerts()) {
            assertThat(PromTool.selectors(alert.path("expr").asText()))
                    .as(alert.path("alert").asText())
                    .isNotEmpty()
                    .allSatisfy(selector -> assertThat(selector.matchers())
                            .contains(
                                    new PromTool.Matcher("namespace", "=", "stackwright"),
                                    new PromTool.Matcher("job", "=", "stackwright")));
        }
    }

    @Test
    void everyMetricOfTheOperatorsOwnIsShownOrWatched() throws IOException {
        // when
        String all = Files.readString(ALERTS) + Files.readString(CHART.resolve("dashboards/stackwright.json"));

        // then
        assertThat(all)
                .contains(Stream.of(MetricDefinition.values())
                        .map(MetricDefinition::metric)
                        .toArray(String[]::new));
    }

    @Test
    void theDashboardIsOneThatGrafanaTakes() throws IOException {
        // given
        JsonNode dashboard = dashboard();

        // then
        assertThat(dashboard.path("schemaVersion").asInt()).isGreaterThanOrEqualTo(41);
        assertThat(dashboard.path("uid").asText()).isEqualTo("stackwright");
        assertThat(dashboard.at("/templating/list/0/type").asText()).isEqualTo("datasource");
        assertThat(panels()).extracting(panel -> panel.path("id").asInt()).doesNotHaveDuplicates();
        Set<String> taken = new HashSet<>();
        for (JsonNode panel : panels()) {
            JsonNode at = panel.path("gridPos");
            for (int x = at.path("x").asInt();
                    x < at.path("x").asInt() + at.path("w").asInt();
                    x++) {
                assertThat(x).isLessThan(24);
                assertThat(taken.add(x + "," + at.path("y").asInt()))
                        .as(panel.toString())
                        .isTrue();
            }
            if (!panel.path("type").asText().equals("row")) {
                assertThat(panel.at("/datasource/uid").asText()).isEqualTo("${datasource}");
                assertThat(panel.path("targets"))
                        .isNotEmpty()
                        .allSatisfy(target -> assertThat(
                                        target.at("/datasource/uid").asText())
                                .isEqualTo("${datasource}"));
            }
        }
    }

    /** With values in place of Grafana's variables. */
    private static String concrete(String expression) {
        return expression
                .replace("$__rate_interval", "5m")
                .replace("$namespace", ".*")
                .replace("$job", ".*");
    }

    private static String[] alertNames() throws IOException {
        return alerts().stream().map(alert -> alert.path("alert").asText()).toArray(String[]::new);
    }

    private static List<JsonNode> alerts() throws IOException {
        List<JsonNode> alerts = new ArrayList<>();
        JsonNode file = Serialization.unmarshal(Files.readString(ALERTS), JsonNode.class);
        file.path("groups").forEach(group -> group.path("rules").forEach(alerts::add));
        assertThat(alerts).hasSizeGreaterThan(8);
        return alerts;
    }

    private static JsonNode dashboard() throws IOException {
        return new ObjectMapper().readTree(Files.readString(CHART.resolve("dashboards/stackwright.json")));
    }

    private static List<JsonNode> panels() throws IOException {
        List<JsonNode> panels = new ArrayList<>();
        dashboard().path("panels").forEach(panels::add);
        assertThat(panels.stream().map(panel -> panel.path("title").asText()).collect(Collectors.toSet()))
                .hasSameSizeAs(panels);
        return panels;
    }
}
