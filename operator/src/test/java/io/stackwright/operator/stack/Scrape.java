package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RunningOperator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What an operator tells Prometheus at one moment. */
record Scrape(List<Series> series) {

    private static final Pattern SERIES = Pattern.compile("^([a-z][a-z0-9_]*)(?:\\{(.*)})? (\\S+)$");
    private static final Pattern LABEL = Pattern.compile("([a-z]\\w*)=\"([^\"]*)\"(?:,|$)");

    /** One line of it. */
    record Series(String metric, Map<String, String> labels, double value) {}

    static Scrape of(RunningOperator operator) {
        List<Series> all = new ArrayList<>();
        text(operator)
                .lines()
                .filter(line -> !line.startsWith("#") && !line.isEmpty())
                .forEach(line -> all.add(parse(line)));
        return new Scrape(all);
    }

    /** As Prometheus gets it. */
    static String text(RunningOperator operator) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI metrics = URI.create("http://127.0.0.1:" + operator.httpPort() + "/metrics");
            return http.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Series parse(String line) {
        var parsed = SERIES.matcher(line);
        assertThat(parsed.matches()).as(line).isTrue();
        Map<String, String> labels = new TreeMap<>();
        if (parsed.group(2) != null) {
            LABEL.matcher(parsed.group(2)).results().forEach(m -> labels.put(m.group(1), m.group(2)));
        }
        return new Series(parsed.group(1), labels, Double.parseDouble(parsed.group(3)));
    }

    /** The sum over all series that have these labels. */
    double value(String metric, Map<String, String> labels) {
        return series.stream()
                .filter(line -> line.metric().equals(metric))
                .filter(line -> line.labels().entrySet().containsAll(labels.entrySet()))
                .mapToDouble(Series::value)
                .sum();
    }

    /** How many Updates are counted as ended: by operation and result. */
    Map<String, Integer> ends() {
        return series.stream()
                .filter(line -> line.metric().equals("stackwright_updates_total") && line.value() > 0)
                .collect(Collectors.toMap(
                        line -> line.labels().get("operation") + " "
                                + line.labels().get("result"),
                        line -> (int) line.value(),
                        Integer::sum,
                        TreeMap::new));
    }

    /** The same, counted in what is written down. */
    static Map<String, Integer> ends(RunningOperator operator) {
        return operator.client().resources(Update.class).inNamespace(operator.namespace()).list().getItems().stream()
                .filter(update -> update.getStatus() != null
                        && update.getStatus().phase() != null
                        && update.getStatus().phase().isFinal())
                .collect(Collectors.toMap(
                        update -> update.getSpec().operation() + " "
                                + update.getStatus().phase(),
                        any -> 1,
                        Integer::sum,
                        TreeMap::new));
    }
}
