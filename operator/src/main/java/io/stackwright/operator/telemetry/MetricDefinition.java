package io.stackwright.operator.telemetry;

import java.util.List;

/** Every metric of the operator's own, once: {@link Metrics} and the reference page are derived from this table. */
enum MetricDefinition {
    UPDATES(
            "stackwright_updates_total",
            "counter",
            List.of("operation", "result"),
            "Updates that ended, also those that never ran. `operation` is that of the Update, `result` its phase."),
    UPDATE_DURATION(
            "stackwright_update_duration_seconds",
            "histogram",
            List.of("operation", "result"),
            "Time from the start of a run to its end, without the time in the queue; of runs whose end was heard of."
                    + " With Jobs the wait for a node and an image is part of it."),
    DRIFT(
            "stackwright_drifted_resources_total",
            "counter",
            List.of(),
            "Resources that Updates with `operation: Refresh` found changed, or gone, behind Pulumi's back. Nothing but"
                    + " such an Update looks for them."),
    STACKS(
            "stackwright_stacks",
            "gauge",
            List.of("state"),
            "Stacks that this operator looks after. `state` is `Stalled` (a person is needed), `Deleting`, `Suspended`,"
                    + " `Reconciling` or `Ready`, the first of these that is so."),
    BACKING_OFF(
            "stackwright_stacks_backing_off",
            "gauge",
            List.of(),
            "Stacks whose last Update failed and that wait for the next attempt."),
    OLDEST_FAILURE(
            "stackwright_oldest_failure_seconds",
            "gauge",
            List.of(),
            "How long, among the Stacks that wait for the next attempt or are being tried again, the one that has"
                    + " failed the longest for the same reason has done so; an attempt that is not over does not add to"
                    + " it. 0 when there is none."),
    LOCKED(
            "stackwright_stacks_locked",
            "gauge",
            List.of(),
            "Stacks whose Pulumi stack the last attempt found locked by somebody else. Each is tried again soon, and"
                    + " still counts while it is, for 15 minutes at most."),
    OLDEST_UPDATE(
            "stackwright_oldest_update_seconds",
            "gauge",
            List.of(),
            "How long ago the longest of the unfinished Updates was handed over to be run, its time in the queue"
                    + " included. 0 when there is none."),
    QUEUE_DEPTH("stackwright_queue_depth", "gauge", List.of(), "Updates that wait for a worker."),
    QUEUE_WAIT(
            "stackwright_queue_wait_seconds",
            "histogram",
            List.of(),
            "Time that started Updates had waited for a worker."),
    ACTIVE_UPDATES("stackwright_active_updates", "gauge", List.of(), "Updates that run now."),
    HINDERED_UPDATES(
            "stackwright_hindered_updates",
            "gauge",
            List.of(),
            "Updates whose turn it is and whose Job cannot start: no node takes its pod, an image is not to be had, a"
                    + " quota is used up. Always 0 without Jobs."),
    CLI_PROCESSES(
            "stackwright_cli_processes_total",
            "counter",
            List.of("command"),
            "Processes of the Pulumi CLI that were started. `command` is the CLI's, `other` for rare ones."),
    CLI_RUNNING("stackwright_cli_running", "gauge", List.of(), "Processes of the Pulumi CLI that run now."),
    SOURCE_FETCHES(
            "stackwright_source_fetches_total",
            "counter",
            List.of("kind", "result"),
            "Looks at Git repositories and downloads from them, and inline and ConfigMap programs that were unpacked"
                    + " for a run. `kind` is `Inline`, `ConfigMap` or `Git`, `result` `succeeded` or `failed`."),
    SOURCE_FETCH_DURATION(
            "stackwright_source_fetch_duration_seconds",
            "histogram",
            List.of("kind", "result"),
            "Time that each of these took."),
    API_REQUESTS(
            "stackwright_api_requests_total",
            "counter",
            List.of("verb", "code"),
            "Requests to the Kubernetes API that were answered, each attempt by itself. `verb` is `read`, `watch` or"
                + " `write`; `code` is `1xx` (a watch that was opened), `2xx`, `3xx`, `4xx` or `5xx`, one of the codes"
                + " `401`, `403`, `404`, `409`, `410`, `422` and `429` by itself, or `none` when there was no"
                + " answer."),
    RECONCILES(
            "stackwright_reconciles_total",
            "counter",
            List.of("controller", "result"),
            "Runs of a reconciler. `result` is `succeeded` or `failed`; a failed one is tried again."),
    LEADING(
            "stackwright_leading",
            "gauge",
            List.of(),
            "1 while this operator may act: it holds the lease, or there is no leader election. 0 while it stands by."),
    EVENTS(
            "stackwright_events_total",
            "counter",
            List.of("result"),
            "Kubernetes Events. `result` is `sent`, `failed` (the API server refused it) or `dropped` (too many at"
                    + " once)."),
    BUILD_INFO(
            "stackwright_build_info",
            "gauge",
            List.of("version", "pulumi", "java"),
            "Always 1; the labels are versions of the operator, the Pulumi CLI and Java.");

    private final String metric;
    private final String type;
    private final List<String> labels;
    private final String help;

    MetricDefinition(String metric, String type, List<String> labels, String help) {
        this.metric = metric;
        this.type = type;
        this.labels = labels;
        this.help = help;
    }

    /** Name as Prometheus has it. */
    String metric() {
        return metric;
    }

    String type() {
        return type;
    }

    List<String> labels() {
        return labels;
    }

    String help() {
        return help;
    }
}
