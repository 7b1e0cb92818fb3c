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
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.kube.ApiVerb;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
    private static final Duration[] FETCH_BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(2)
    };
    private static final int HUNDRED = 100;
    private static final Set<Integer> CODES = Set.of(401, 403, 404, 409, 410, 422, 429);
    private static final String NO_ANSWER = "none";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final AtomicInteger cliRunning = new AtomicInteger();
    private volatile Supplier<StackCensus> stacks = () -> StackCensus.NONE;
    private volatile StackCensus census = StackCensus.NONE;

    public Metrics() {
        gc.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        gauge(MetricDefinition.CLI_RUNNING, cliRunning::get);
        startAtZero();
        for (StackCensus.State state : StackCensus.State.values()) {
            gauge(MetricDefinition.STACKS, Tags.of("state", state.name()), () -> census.in(state));
        }
        gauge(MetricDefinition.BACKING_OFF, () -> census.backingOff());
        gauge(MetricDefinition.LOCKED, () -> census.locked());
        gauge(MetricDefinition.OLDEST_FAILURE, () -> census.oldestFailure().toSeconds());
        gauge(MetricDefinition.OLDEST_UPDATE, () -> census.oldestUpdate().toSeconds());
    }

    /**
     * Alerts ask whether these grow. Nothing grows that is not there; and what a series is born with is no growth to
     * Prometheus, which would not see the first that fail after a start.
     */
    private void startAtZero() {
        timer(MetricDefinition.QUEUE_WAIT, Tags.empty(), WAIT_BUCKETS);
        counter(MetricDefinition.DRIFT, Tags.empty());
        for (Operation operation : Operation.values()) {
            Arrays.stream(Phase.values())
                    .filter(Phase::isFinal)
                    .forEach(result -> counter(MetricDefinition.UPDATES, ending(operation, result)));
        }
        for (SourceKind kind : SourceKind.values()) {
            counter(MetricDefinition.SOURCE_FETCHES, fetch(kind, true));
            counter(MetricDefinition.SOURCE_FETCHES, fetch(kind, false));
        }
        for (ApiVerb verb : ApiVerb.values()) {
            codeLabels().forEach(code -> counter(MetricDefinition.API_REQUESTS, request(verb, code)));
        }
    }

    /** Everything, in the Prometheus text format. */
    public String scrape() {
        // Once for all the gauges that are read from it.
        census = stacks.get();
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

    /**
     * Shows the queue of Updates; once. The suppliers are asked at every scrape.
     *
     * @param hindered whose turn it is, and which cannot start
     */
    public void observeQueue(IntSupplier waiting, IntSupplier running, IntSupplier hindered) {
        gauge(MetricDefinition.QUEUE_DEPTH, waiting::getAsInt);
        gauge(MetricDefinition.ACTIVE_UPDATES, running::getAsInt);
        gauge(MetricDefinition.HINDERED_UPDATES, hindered::getAsInt);
    }

    /** Shows whether this operator leads; once. The supplier is asked at every scrape. */
    public void observeLeadership(BooleanSupplier leading) {
        gauge(MetricDefinition.LEADING, () -> leading.getAsBoolean() ? 1 : 0);
    }

    /** Shows how the Stacks are; once. The supplier is asked at every scrape and must not ask the API server. */
    public void observeStacks(Supplier<StackCensus> supplier) {
        stacks = supplier;
    }

    /** Shows the runs of a reconciler, also before the first; once. */
    public void observeReconciler(String controller) {
        counter(MetricDefinition.RECONCILES, reconcile(controller, true));
        counter(MetricDefinition.RECONCILES, reconcile(controller, false));
    }

    /** An Update left the queue. */
    public void updateStarted(Duration waited) {
        timer(MetricDefinition.QUEUE_WAIT, Tags.empty(), WAIT_BUCKETS).record(waited);
    }

    /**
     * The end of an Update is written down, whether or not it has run; once for each.
     *
     * @param result its last phase
     */
    public void updateEnded(Operation operation, Phase result) {
        count(MetricDefinition.UPDATES, ending(operation, result));
    }

    /** A refresh has ended that found resources other than the state had them. */
    public void drifted(long resources) {
        counter(MetricDefinition.DRIFT, Tags.empty()).increment(resources);
    }

    /**
     * The run of an Update ended; once for each.
     *
     * @param result as its executor knows it
     * @param duration from its start, without the time in the queue
     */
    public void runFinished(Operation operation, RunStatus.Result result, Duration duration) {
        timer(MetricDefinition.UPDATE_DURATION, ending(operation, result), UPDATE_BUCKETS)
                .record(duration);
    }

    private static Tags ending(Operation operation, Enum<?> result) {
        return Tags.of("operation", operation.name(), "result", result.name());
    }

    /**
     * A process of the Pulumi CLI was started.
     *
     * @param command the CLI's, without flags and arguments, for example {@code up} or {@code stack export}
     */
    public void cliProcessStarted(String command) {
        count(MetricDefinition.CLI_PROCESSES, Tags.of("command", COMMANDS.contains(command) ? command : OTHER));
        cliRunning.incrementAndGet();
    }

    /** A process of the Pulumi CLI that was counted as started is over, or could not be started after all. */
    public void cliProcessEnded() {
        cliRunning.decrementAndGet();
    }

    /**
     * The Kubernetes API answered a request, or did not.
     *
     * @param code HTTP status; 0 for no answer
     */
    public void apiRequest(ApiVerb verb, int code) {
        count(MetricDefinition.API_REQUESTS, request(verb, codeLabel(code)));
    }

    private static Tags request(ApiVerb verb, String code) {
        return Tags.of("verb", verb.label(), "code", code);
    }

    private static String codeLabel(int code) {
        if (code < HUNDRED || code >= 6 * HUNDRED) {
            return NO_ANSWER;
        }
        return CODES.contains(code) ? String.valueOf(code) : code / HUNDRED + "xx";
    }

    /** All that there can be. */
    private static Stream<String> codeLabels() {
        return IntStream.range(0, 6 * HUNDRED).mapToObj(Metrics::codeLabel).distinct();
    }

    /** A Git repository was asked for something, or another source unpacked; or could not be. */
    public void sourceFetched(SourceKind kind, boolean succeeded, Duration took) {
        Tags tags = fetch(kind, succeeded);
        count(MetricDefinition.SOURCE_FETCHES, tags);
        timer(MetricDefinition.SOURCE_FETCH_DURATION, tags, FETCH_BUCKETS).record(took);
    }

    private static Tags fetch(SourceKind kind, boolean succeeded) {
        return Tags.of("kind", kind.name(), "result", succeeded ? SUCCEEDED : FAILED);
    }

    /**
     * A reconciler ran.
     *
     * @param controller its name, one of a few
     */
    public void reconciled(String controller, boolean succeeded) {
        count(MetricDefinition.RECONCILES, reconcile(controller, succeeded));
    }

    private static Tags reconcile(String controller, boolean succeeded) {
        return Tags.of("controller", controller, "result", succeeded ? SUCCEEDED : FAILED);
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
        counter(definition, tags).increment();
    }

    private Counter counter(MetricDefinition definition, Tags tags) {
        return Counter.builder(definition.metric())
                .description(definition.help())
                .tags(tags)
                .register(registry);
    }

    private void gauge(MetricDefinition definition, DoubleSupplier value) {
        gauge(definition, Tags.empty(), value);
    }

    private void gauge(MetricDefinition definition, Tags tags, DoubleSupplier value) {
        Gauge.builder(definition.metric(), value::getAsDouble)
                .description(definition.help())
                .tags(tags)
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
