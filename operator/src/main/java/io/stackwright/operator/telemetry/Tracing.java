package io.stackwright.operator.telemetry;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Where the Pulumi CLI sends OpenTelemetry traces of runs, and which trace a run belongs to.
 *
 * <p>The operator exports nothing itself. Its environment says where a collector is, in OpenTelemetry's own variables:
 * {@code OTEL_EXPORTER_OTLP_ENDPOINT}, and {@code OTEL_EXPORTER_OTLP_PROTOCOL=grpc}, because the CLI speaks nothing else.
 * The trace of a run has the uid of its Update as id: whoever has the Update has the trace.
 */
public final class Tracing {

    /** The W3C trace context, for child processes. */
    static final String TRACEPARENT = "TRACEPARENT";

    private static final Pattern ENDPOINT = Pattern.compile("grpcs?://[^/?#@\\s]+:[0-9]+");
    private static final int SPAN_DIGITS = 16;

    private final Optional<String> endpoint;

    private Tracing(Optional<String> endpoint) {
        this.endpoint = endpoint;
    }

    /** As an environment says. What it says in vain, because it cannot be used, is as if it were not there. */
    public static Tracing of(Map<String, String> environment) {
        String protocol = environment.getOrDefault(
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", environment.getOrDefault("OTEL_EXPORTER_OTLP_PROTOCOL", ""));
        String url = environment.getOrDefault(
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", environment.getOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT", ""));
        return new Tracing(protocol.equals("grpc") ? endpoint(url) : Optional.empty());
    }

    /**
     * The same, or else another collector.
     *
     * @param other as {@link #endpoint} has it of another process; what is none is as if it were not there
     */
    public Tracing or(Optional<String> other) {
        return endpoint.isPresent()
                ? this
                : new Tracing(other.filter(there -> ENDPOINT.matcher(there).matches()));
    }

    /** The collector as the CLI's {@code --otel-traces} takes it; empty when nothing is traced. Holds no secrets. */
    public Optional<String> endpoint() {
        return endpoint;
    }

    /** What the environment of a run's processes needs so that they carry on its trace. */
    public Map<String, String> environment(String updateUid) {
        return endpoint.flatMap(there -> traceId(updateUid))
                .map(id -> Map.of(TRACEPARENT, "00-" + id + "-" + id.substring(SPAN_DIGITS) + "-01"))
                .orElse(Map.of());
    }

    /** The trace of an Update: its uid, without dashes. Empty for what is no uid of the API server. */
    public static Optional<String> traceId(String updateUid) {
        try {
            String id = UUID.fromString(updateUid).toString().replace("-", "");
            return updateUid.equals(UUID.fromString(updateUid).toString()) ? Optional.of(id) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The flag takes credentials in the query, but everybody on the host can read a command line. */
    private static Optional<String> endpoint(String url) {
        try {
            URI uri = new URI(url);
            if (uri.getHost() == null || uri.getPort() < 0) {
                return Optional.empty();
            }
            return switch (String.valueOf(uri.getScheme())) {
                case "http" -> Optional.of("grpc://" + uri.getHost() + ":" + uri.getPort());
                case "https" -> Optional.of("grpcs://" + uri.getHost() + ":" + uri.getPort());
                default -> Optional.empty();
            };
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
