package io.stackwright.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;

/** What one user has asked the API server for, by the server's own audit log. */
final class Audit {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<JsonNode> requests = new ArrayList<>();
    private final Path log;
    private final String user;
    private long read;

    private Audit(Path log, String user) {
        this.log = log;
        this.user = user;
    }

    /** All of it until now. */
    static Audit of(Path log, String user) {
        return new Audit(log, user).more();
    }

    /** Reads on; the server is writing meanwhile, and its last line may not be whole. */
    Audit more() {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            byte[] bytes = new byte[Math.toIntExact(file.length() - read)];
            file.seek(read);
            file.readFully(bytes);
            int whole = bytes.length;
            while (whole > 0 && bytes[whole - 1] != '\n') {
                whole--;
            }
            read += whole;
            for (String line :
                    (Iterable<String>) new String(bytes, 0, whole, StandardCharsets.UTF_8).lines()::iterator) {
                // Most of a long log is somebody else's.
                JsonNode request = line.contains(user) ? JSON.readTree(line) : MissingNode.getInstance();
                if (request.path("user").path("username").asText().equals(user) && request.has("objectRef")) {
                    requests.add(request);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** The rights that were made use of. */
    TreeSet<Right> used() {
        return rights(request -> !isForbidden(request));
    }

    /** The rights that were missing. */
    TreeSet<Right> missed() {
        return rights(Audit::isForbidden);
    }

    /** What was refused, also of those who have the right: nobody may give another one more rights than they have. */
    TreeSet<Right> refused() {
        return rights(
                request -> request.path("responseStatus").path("code").asInt() == HttpURLConnection.HTTP_FORBIDDEN);
    }

    private TreeSet<Right> rights(Predicate<JsonNode> which) {
        TreeSet<Right> rights = new TreeSet<>();
        requests.stream().filter(which).forEach(request -> rights.add(right(request)));
        return rights;
    }

    private static boolean isForbidden(JsonNode request) {
        return request.path("annotations")
                .path("authorization.k8s.io/decision")
                .asText()
                .equals("forbid");
    }

    private static Right right(JsonNode request) {
        JsonNode object = request.path("objectRef");
        String subresource = object.path("subresource").asText();
        return new Right(
                object.path("namespace").asText(),
                object.path("apiGroup").asText(),
                object.path("resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource),
                request.path("verb").asText());
    }
}
