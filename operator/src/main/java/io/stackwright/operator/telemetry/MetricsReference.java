package io.stackwright.operator.telemetry;

import java.util.stream.Collectors;

/** The reference page of the metrics, in Markdown. */
final class MetricsReference {

    private MetricsReference() {}

    static String page() {
        StringBuilder page = new StringBuilder("""
            # Metrics of the operator

            <!-- Generated from the code: mvn -pl operator -am test -Dtest=MetricsReferenceTest \
            -Dmetrics.docs=write -Dsurefire.failIfNoSpecifiedTests=false -->

            The operator serves these at `/metrics` of its HTTP port, in the Prometheus text format. No label holds \
            the name of an object: the state of single Stacks is in their status, where kube-state-metrics can read \
            it. With Jobs, what is done in the pod of a run, its processes and downloads, is in none of them.

            | Metric | Type | Labels | Meaning |
            |---|---|---|---|
            """);
        for (MetricDefinition definition : MetricDefinition.values()) {
            String labels =
                    definition.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
            page.append("| `%s` | %s | %s | %s |\n"
                    .formatted(definition.metric(), definition.type(), labels, definition.help()));
        }
        return page.append("""

            What alerts ask of counters is there from the start, at 0 and with all values of its labels, so that \
            `rate()` sees the first Updates, fetches, requests and reconciles too.

            A histogram also has a gauge `…_max`, the longest time of the last minutes. Beside these there are Micrometer's meters of the JVM and the process: `jvm_memory_*`, `jvm_gc_*`, \
            `jvm_threads_*`, `system_cpu_*`, `process_cpu_*`, `process_uptime_seconds`, `process_files_*`.
            """).toString();
    }
}
