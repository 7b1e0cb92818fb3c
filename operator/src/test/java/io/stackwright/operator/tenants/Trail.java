package io.stackwright.operator.tenants;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What one user has asked the API server for, by the server's own audit log. */
final class Trail {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path log;
    private final String user;
    private long mark;

    Trail(Path log, String user) {
        this.log = log;
        this.user = user;
    }

    /** From here on. */
    void mark() {
        try (Stream<String> lines = Files.lines(log)) {
            mark = lines.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Requests in these namespaces since the mark, as {@code get secrets team-b/cloud}. */
    List<String> sinceMark(String... namespaces) {
        List<String> wanted = List.of(namespaces);
        try (Stream<String> lines = Files.lines(log)) {
            return lines.skip(mark)
                    .map(Trail::parsed)
                    .filter(request ->
                            request.path("user").path("username").asText().equals(user))
                    .filter(request -> wanted.contains(
                            request.path("objectRef").path("namespace").asText()))
                    .map(Trail::described)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lists of such a resource that were asked for at once, without a limit. */
    List<String> unlimited(String resource) {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.map(Trail::parsed)
                    .filter(request ->
                            request.path("user").path("username").asText().equals(user))
                    .filter(request -> request.path("verb").asText().equals("list")
                            && request.path("objectRef")
                                    .path("resource")
                                    .asText()
                                    .equals(resource))
                    .map(request -> request.path("requestURI").asText())
                    .filter(uri -> !uri.contains("limit="))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode parsed(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String described(JsonNode request) {
        JsonNode object = request.path("objectRef");
        return request.path("verb").asText() + " " + object.path("resource").asText() + " "
                + object.path("namespace").asText() + "/" + object.path("name").asText();
    }
}
