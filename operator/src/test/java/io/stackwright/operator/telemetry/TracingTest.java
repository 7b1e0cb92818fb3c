package io.stackwright.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TracingTest {

    private static final String UID = "2d8b943b-5013-496b-9f9f-0932ecb2699b";

    @Test
    void aRunBelongsToTheTraceThatItsUpdateNames() {
        // given
        Tracing tracing = tracing("grpc", "http://collector:4317");

        // then
        assertThat(tracing.endpoint()).hasValue("grpc://collector:4317");
        assertThat(Tracing.traceId(UID)).hasValue("2d8b943b5013496b9f9f0932ecb2699b");
        assertThat(tracing.environment(UID))
                .isEqualTo(Map.of("TRACEPARENT", "00-2d8b943b5013496b9f9f0932ecb2699b-9f9f0932ecb2699b-01"));
    }

    @ParameterizedTest
    @CsvSource({
        "grpc, https://collector.example.com:4317/, grpcs://collector.example.com:4317",
        "grpc, http://collector:4317?x-api-key=secret, grpc://collector:4317",
        "grpc, http://me:secret@collector:4317, grpc://collector:4317"
    })
    void credentialsOfACollectorGoOntoNoCommandLine(String protocol, String url, String endpoint) {
        assertThat(tracing(protocol, url).endpoint()).hasValue(endpoint);
    }

    @ParameterizedTest
    @CsvSource({
        "'', http://collector:4317",
        "http/protobuf, http://collector:4318",
        "grpc, ''",
        "grpc, http://collector",
        "grpc, collector:4317",
        "grpc, 'http://a b:1'"
    })
    void whatTheCliCannotSendToIsNotTraced(String protocol, String url) {
        // given
        Tracing tracing = tracing(protocol, url);

        // then
        assertThat(tracing.endpoint()).isEmpty();
        assertThat(tracing.environment(UID)).isEmpty();
    }

    @Test
    void theVariablesForTracesAloneWin() {
        // given
        Tracing tracing = Tracing.of(Map.of(
                "OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:4318",
                "OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf",
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:4317",
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"));

        // then
        assertThat(tracing.endpoint()).hasValue("grpc://traces:4317");
    }

    @Test
    void whatIsNoUidNamesNoTrace() {
        assertThat(Tracing.traceId("shop-1")).isEmpty();
        assertThat(Tracing.traceId("1-1-1-1-1")).isEmpty();
    }

    private static Tracing tracing(String protocol, String url) {
        return Tracing.of(Map.of("OTEL_EXPORTER_OTLP_PROTOCOL", protocol, "OTEL_EXPORTER_OTLP_ENDPOINT", url));
    }

    @Test
    void whereAnEnvironmentSaysNothingAnotherCollectorIsTaken() {
        Tracing none = Tracing.of(Map.of());
        Tracing own = Tracing.of(
                Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://own:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"));

        assertThat(none.or(Optional.of("grpcs://other:4317")).endpoint()).contains("grpcs://other:4317");
        assertThat(own.or(Optional.of("grpc://other:4317")).endpoint()).contains("grpc://own:4317");
        assertThat(none.or(Optional.of("grpc://user:password@other:4317")).endpoint())
                .isEmpty();
        assertThat(none.or(Optional.empty()).endpoint()).isEmpty();
    }
}
