package io.stackwright.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What the operator asked of the API server, from the server's audit log. */
final class ApiLog {

    private static final Set<String> WRITES = Set.of("create", "update", "patch", "delete", "deletecollection");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path log;

    ApiLog(Path log) {
        this.log = log;
    }

    /**
     * One request.
     *
     * @param received when the server had it
     * @param done when it was answered
     * @param target resource, subresource and name
     */
    record Request(Instant received, Instant done, String verb, String target, int code) {

        boolean isWrite() {
            return WRITES.contains(verb);
        }

        boolean isWatch() {
            return verb.equals("watch");
        }

        /** For a trace. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s %s → %d in %s",
                    verb,
                    target,
                    code,
                    Report.millis(Duration.between(received, done)));
        }
    }

    /** The operator's requests that arrived in the time, in that order. */
    List<Request> between(Instant from, Instant to) {
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("\"userAgent\":\"stackwright/"))
                    .map(ApiLog::parse)
                    .filter(request -> !request.received().isBefore(from)
                            && request.received().isBefore(to))
                    .sorted((a, b) -> a.received().compareTo(b.received()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Request parse(String line) {
        try {
            JsonNode event = JSON.readTree(line);
            JsonNode object = event.path("objectRef");
            String subresource = object.path("subresource").asText("");
            String target =
                    object.path("resource").asText(event.path("requestURI").asText())
                            + (subresource.isEmpty() ? "" : "/" + subresource) + " "
                            + object.path("name").asText("");
            return new Request(
                    Instant.parse(event.path("requestReceivedTimestamp").asText()),
                    Instant.parse(event.path("stageTimestamp").asText()),
                    event.path("verb").asText(),
                    target.strip(),
                    event.path("responseStatus").path("code").asInt());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
