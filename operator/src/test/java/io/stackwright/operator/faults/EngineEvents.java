package io.stackwright.operator.faults;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the engine tells of a run in its event log, while it tells it: begin and end of a step, and the end of all. */
final class EngineEvents implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> STEPS = List.of("resourcePreEvent", "resOutputsEvent");
    private static final String SUMMARY = "summaryEvent";
    private static final String ITEM = "ledger:index:Item";

    private final Optional<Path> file;
    private final StringBuilder line = new StringBuilder();
    private InputStream in;

    /** @param file which may not be there yet, or ever */
    EngineEvents(Optional<Path> file) {
        this.file = file;
    }

    /** Those that were written since it was last asked: {@code resOutputsEvent a}, {@code summaryEvent}. */
    List<String> next() {
        List<String> events = new ArrayList<>();
        try {
            if (in == null) {
                if (file.filter(Files::exists).isEmpty()) {
                    return events;
                }
                in = Files.newInputStream(file.get());
            }
            // Event logs of the test programs are small and ASCII.
            for (char c : new String(in.readAllBytes(), StandardCharsets.UTF_8).toCharArray()) {
                if (c == '\n') {
                    name(line.toString()).ifPresent(events::add);
                    line.setLength(0);
                } else {
                    line.append(c);
                }
            }
            return events;
        } catch (IOException e) {
            return events; // It is gone, with its run.
        }
    }

    private static Optional<String> name(String json) {
        try {
            JsonNode event = JSON.readTree(json);
            if (event.has(SUMMARY)) {
                return Optional.of(SUMMARY);
            }
            return STEPS.stream()
                    .filter(event::has)
                    .filter(step ->
                            event.path(step).at("/metadata/type").asText().equals(ITEM))
                    .map(step -> step + " "
                            + event.path(step).at("/metadata/urn").asText().replaceFirst(".*::", ""))
                    .findFirst();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        if (in != null) {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
