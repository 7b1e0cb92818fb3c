package io.stackwright.operator.telemetry;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.operator.kube.ApiVerb;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The series that an operator can have, with the labels that Prometheus adds when it scrapes a pod. */
public final class KnownMetrics {

    private static final Set<String> OF_TARGETS =
            Set.of("namespace", "job", "pod", "instance", "container", "service", "endpoint");
    private static final Pattern SERIES = Pattern.compile("^([a-zA-Z_:][\\w:]*)(?:\\{([^}]*)})? ", Pattern.MULTILINE);

    private final Map<String, Set<String>> labels = new HashMap<>();

    private KnownMetrics() {}

    static KnownMetrics all() {
        KnownMetrics known = new KnownMetrics();
        for (MetricDefinition definition : MetricDefinition.values()) {
            List<String> suffixes =
                    definition.type().equals("histogram") ? List.of("_bucket", "_count", "_sum", "_max") : List.of("");
            for (String suffix : suffixes) {
                Set<String> all = known.labels.computeIfAbsent(definition.metric() + suffix, m -> new HashSet<>());
                all.addAll(definition.labels());
                if (suffix.equals("_bucket")) {
                    all.add("le");
                }
            }
        }
        try (Metrics metrics = new Metrics()) {
            SERIES.matcher(metrics.scrape())
                    .results()
                    .filter(series -> !series.group(1).startsWith("stackwright_"))
                    .forEach(series -> known.labels
                            .computeIfAbsent(series.group(1), m -> new HashSet<>())
                            .addAll(names(series.group(2))));
        }
        // Only there once there was a collection.
        known.labels.put("jvm_gc_pause_seconds_sum", Set.of("action", "cause", "gc"));
        return known;
    }

    /** All labels of a metric; empty when there is none of that name. */
    Optional<Set<String>> labels(String metric) {
        return Optional.ofNullable(labels.get(metric)).map(own -> {
            Set<String> all = new HashSet<>(own);
            all.addAll(OF_TARGETS);
            return all;
        });
    }

    /** Whether a series with the asked value can exist. */
    boolean isPossible(String metric, PromTool.Matcher matcher) {
        if (OF_TARGETS.contains(matcher.label())) {
            return true;
        }
        if (!labels(metric).orElse(Set.of()).contains(matcher.label())) {
            return false;
        }
        return matcher.operator().equals("=")
                ? values(metric, matcher.label()).contains(matcher.value())
                : Stream.of(matcher.value().split("\\|")).allMatch(values(metric, matcher.label())::contains);
    }

    /** The values that a label of an operator's own metric may have; none of them is a user's choice. */
    public static Set<String> values(String metric, String label) {
        return switch (label) {
            case "state" -> names(StackCensus.State.values());
            case "operation" -> names(Operation.values());
            case "kind" -> names(Metrics.SourceKind.values());
            case "controller" -> Set.of("stack");
            case "verb" ->
                Set.of(Arrays.stream(ApiVerb.values()).map(ApiVerb::label).toArray(String[]::new));
            case "code" ->
                Set.of("1xx", "2xx", "3xx", "4xx", "5xx", "401", "403", "404", "409", "410", "422", "429", "none");
            case "area" -> Set.of("heap", "nonheap");
            case "result" ->
                metric.startsWith("stackwright_update")
                        ? names(Phase.values())
                        : Set.of("succeeded", "failed", "sent", "dropped");
            default -> Set.of();
        };
    }

    private static Set<String> names(Enum<?>[] values) {
        return Set.of(Arrays.stream(values).map(Enum::name).toArray(String[]::new));
    }

    private static Set<String> names(String labels) {
        Set<String> names = new HashSet<>();
        if (labels != null) {
            Pattern.compile("(\\w+)=\"").matcher(labels).results().forEach(m -> names.add(m.group(1)));
        }
        return names;
    }
}
