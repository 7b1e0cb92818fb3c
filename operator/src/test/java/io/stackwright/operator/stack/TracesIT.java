package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.operator.RunningOperator;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real CLI is told which trace its run belongs to, and sends its spans as part of it. */
@Tag("both-modes-long")
class TracesIT {

    private static final String PROJECT =
            "project: {inline: {name: traced, runtime: yaml, resources: {s: {type: 'pulumi:index:Stash', properties:"
                    + " {input: x}}}}}";

    @TempDir
    private Path folder;

    @Test
    void theSpansOfARunBelongToTheTraceOfItsUpdate() throws Exception {
        // given
        Map<String, String> environment = new HashMap<>(RunningOperator.environment());
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example.com:4317?key=canary");
        environment.put("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");

        try (RunningOperator operator = start(environment)) {
            Stacks stacks = new Stacks(operator);

            // when
            stacks.create("traced", PROJECT);
            stacks.awaitReady("traced");

            // then
            String uid = stacks.update("traced-1").getMetadata().getUid();
            String trace = uid.replace("-", "");
            JsonNode root = spans().stream()
                    .filter(span -> span.path("name").asText().equals("pulumi"))
                    .findFirst()
                    .orElseThrow();
            assertThat(root.path("traceId").asText()).isEqualTo(trace);
            assertThat(root.path("parentSpanId").asText()).isEqualTo(trace.substring(16));
            assertThat(spans().stream()
                            .filter(span -> span.path("name").asText().contains("RegisterResource"))
                            .map(span -> span.path("traceId").asText()))
                    .contains(trace);
            assertThat(calls())
                    .filteredOn(call -> call.contains(" up "))
                    .singleElement()
                    .asString()
                    .startsWith("00-" + trace + "-" + trace.substring(16) + "-01 ")
                    .contains(" --otel-traces grpc://collector.example.com:4317");
            assertThat(calls()).noneMatch(call -> call.contains("canary"));
        }
    }

    @Test
    void withoutACollectorNothingIsTraced() throws Exception {
        try (RunningOperator operator = start(RunningOperator.environment())) {
            Stacks stacks = new Stacks(operator);

            // when
            stacks.create("traced", PROJECT);
            stacks.awaitReady("traced");

            // then
            assertThat(calls())
                    .isNotEmpty()
                    .allSatisfy(call -> assertThat(call).startsWith("none ").doesNotContain("--otel-traces"));
        }
    }

    /** With a CLI that writes down its calls, and has a file instead of the collector. */
    private RunningOperator start(Map<String, String> environment) throws IOException {
        Path cli = folder.resolve("pulumi");
        Files.writeString(cli, """
            #!/bin/sh
            echo "${TRACEPARENT:-none} $*" >> %1$s/calls
            first=1
            for argument in "$@"; do
              [ $first = 0 ] || set --
              first=0
              case $argument in grpc://*) argument=file://%1$s/spans.json ;; esac
              set -- "$@" "$argument"
            done
            exec %2$s "$@"
            """.formatted(folder, Toolchain.pulumi()));
        Files.setPosixFilePermissions(cli, PosixFilePermissions.fromString("rwxr-xr-x"));
        return RunningOperator.start(folder.resolve("data"), cli.toString(), environment);
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(folder.resolve("calls"));
    }

    private List<JsonNode> spans() throws IOException {
        List<JsonNode> spans = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("spans.json"))) {
            new ObjectMapper().readTree(line).findValues("spans").forEach(found -> found.forEach(spans::add));
        }
        return spans;
    }
}
