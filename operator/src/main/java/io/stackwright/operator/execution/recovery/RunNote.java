package io.stackwright.operator.execution.recovery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.source.StackKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What is written of a run before its first process.
 *
 * @param stack the Stack object
 * @param update name of the Update
 * @param updateUid its uid
 * @param identity backend and qualified name of the Pulumi stack
 * @param hostName as Pulumi writes it into locks
 * @param scope what its pids are counted in
 * @param from when it began
 * @param grace how long its commands may take to end once they are asked to
 */
public record RunNote(
        StackKey stack,
        String update,
        String updateUid,
        String identity,
        String hostName,
        String scope,
        Instant from,
        Duration grace) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What {@code identity} names; empty when it is no such text. */
    Optional<StackIdentity> pulumiStack() {
        int bar = identity.lastIndexOf('|');
        String[] names = identity.substring(bar + 1).split("/");
        return bar < 0 || names.length != 3
                ? Optional.empty()
                : Optional.of(new StackIdentity(names[0], names[1], names[2], identity.substring(0, bar), null));
    }

    void write(Path file) throws IOException {
        ObjectNode note = MAPPER.createObjectNode();
        note.put("namespace", stack.namespace())
                .put("stack", stack.name())
                .put("update", update)
                .put("uid", updateUid)
                .put("identity", identity)
                .put("host", hostName)
                .put("scope", scope)
                .put("from", from.toString())
                .put("grace", grace.toString());
        Files.writeString(file, note.toString());
    }

    /**
     * Empty when there is none or it was cut short: the run had no process yet.
     *
     * @throws IOException when it cannot be read: nothing is known of the run then
     */
    static Optional<RunNote> read(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            JsonNode note = MAPPER.readTree(text);
            return Optional.of(new RunNote(
                    new StackKey(text(note, "namespace"), text(note, "stack")),
                    text(note, "update"),
                    text(note, "uid"),
                    text(note, "identity"),
                    text(note, "host"),
                    text(note, "scope"),
                    Instant.parse(text(note, "from")),
                    Duration.parse(text(note, "grace"))));
        } catch (JsonProcessingException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static String text(JsonNode note, String field) {
        return note.required(field).asText();
    }
}
