package io.stackwright.operator.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Info;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** What the operator counts and measures; every method is cheap and safe on any thread. */
public final class Metrics implements AutoCloseable {

    private static final String SUCCEEDED = "succeeded";
    private static final String FAILED = "failed";
    private static final String OTHER = "other";
    private static final Set<String> COMMANDS = Set.of(
            "up",
            "preview",
            "refresh",
            "destroy",
            "install",
            "cancel",
            "version",
            "stack init",
            "stack rm",
            "stack output",
            "stack export",
            "stack import",
            "stack tag",
            "config");
    private static final Duration[] UPDATE_BUCKETS = seconds(1, 2, 5, 10, 30, 60, 300, 900, 3600);
    private static final Duration[] WAIT_BUCKETS = seconds(1, 5, 15, 60, 300, 900, 3600);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();

    public Metrics() {
        gc.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
    }

    /** Everything, in the Prometheus text format. */
    public String scrape() {
        return registry.scrape();
    }

    /** States what runs here; once. */
    public void buildInfo(String operatorVersion, String pulumiVersion) {
        MetricDefinition definition = MetricDefinition.BUILD_INFO;
        // Not through Micrometer, which takes the suffix `_info` away.
        Info.builder()
                .name(definition.metric())
                .help(definition.help())
                .labelNames(definition.labels().toArray(String[]::new))
                .register(registry.getPrometheusRegistry())
                .setLabelValues(
                        operatorVersion, pulumiVersion, Runtime.version().toString());
    }

    /** Shows the queue of Updates; once. The suppliers are asked at every scrape. */
    public void observeQueue(IntSupplier waiting, IntSupplier running) {
        gauge(MetricDefinition.QUEUE_DEPTH, waiting);
        gauge(MetricDefinition.ACTIVE_UPDATES, running);
    }

    /** Shows whether this operator leads; once. The supplier is asked at every scrape. */
    public void observeLeadership(BooleanSupplier leading) {
        gauge(MetricDefinition.LEADING, () -> leading.getAsBoolean() ? 1 : 0);
    }

    /** An Update left the queue. */
    public void updateStarted(Duration waited) {
        timer(MetricDefinition.QUEUE_WAIT, Tags.empty(), WAIT_BUCKETS).record(waited);
    }

    /**
     * An Update ended.
     *
     * @param result its last phase
     * @param duration from its start, without the time in the queue
     */
    public void updateFinished(Operation operation, Phase result, Duration duration) {
        Tags tags = Tags.of("operation", operation.name(), "result", result.name());
        count(MetricDefinition.UPDATES, tags);
        timer(MetricDefinition.UPDATE_DURATION, tags, UPDATE_BUCKETS).record(duration);
    }

    /**
     * A process of the Pulumi CLI was started.
     *
     * @param command the CLI's, without flags and arguments, for example {@code up} or {@code stack export}
     */
    public void cliProcessStarted(String command) {
        count(MetricDefinition.CLI_PROCESSES, Tags.of("command", COMMANDS.contains(command) ? command : OTHER));
    }

    /** A Git repository was asked for something, or another source unpacked; or could not be. */
    public void sourceFetched(SourceKind kind, boolean succeeded) {
        count(MetricDefinition.SOURCE_FETCHES, Tags.of("kind", kind.name(), "result", succeeded ? SUCCEEDED : FAILED));
    }

    /**
     * A reconciler ran.
     *
     * @param controller its name, one of a few
     */
    public void reconciled(String controller, boolean succeeded) {
        count(MetricDefinition.RECONCILES, Tags.of("controller", controller, "result", succeeded ? SUCCEEDED : FAILED));
    }

    void eventSent() {
        event("sent");
    }

    void eventFailed() {
        event(FAILED);
    }

    void eventDropped() {
        event("dropped");
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }

    private void event(String result) {
        count(MetricDefinition.EVENTS, Tags.of("result", result));
    }

    private void count(MetricDefinition definition, Tags tags) {
        Counter.builder(definition.metric())
                .description(definition.help())
                .tags(tags)
                .register(registry)
                .increment();
    }

    private void gauge(MetricDefinition definition, IntSupplier value) {
        Gauge.builder(definition.metric(), value::getAsInt)
                .description(definition.help())
                .register(registry);
    }

    private Timer timer(MetricDefinition definition, Tags tags, Duration[] buckets) {
        return Timer.builder(definition.metric())
                .description(definition.help())
                .tags(tags)
                .serviceLevelObjectives(buckets)
                .register(registry);
    }

    private static Duration[] seconds(int... values) {
        return Arrays.stream(values).mapToObj(Duration::ofSeconds).toArray(Duration[]::new);
    }

    /** Where a source comes from. */
    public enum SourceKind {
        Inline,
        ConfigMap,
        Git
    }
}
