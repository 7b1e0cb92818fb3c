package io.stackwright.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.stackwright.testkit.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** As much of a container registry as pushing and pulling need, on loopback, kept in memory. */
final class Registry implements AutoCloseable {

    private static final String DIGEST = "Docker-Content-Digest";

    private record Manifest(String type, byte[] content) {}

    private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<String, Manifest> manifests = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpsServer server;

    private Registry(HttpsServer server) {
        this.server = server;
    }

    static Registry start(Path folder) throws IOException, GeneralSecurityException {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Registry registry = new Registry(HttpsServer.create(loopback, 0));
        registry.server.setHttpsConfigurator(new HttpsConfigurator(TestCertificate.serverContext(folder)));
        registry.server.createContext("/v2/", registry::answer);
        registry.server.setExecutor(registry.threads);
        registry.server.start();
        return registry;
    }

    /** A reference to an image here. */
    String image(String nameAndTag) {
        return "localhost:" + server.getAddress().getPort() + "/" + nameAndTag;
    }

    /** Has a manifest as if it had been pushed. */
    void put(String name, String tag, String type, byte[] content) {
        manifests.put(name + "/" + tag, new Manifest(type, content));
    }

    /** The manifest of a tag or digest; null when there is none. */
    byte[] manifest(String name, String reference) {
        Manifest manifest = manifests.get(name + "/" + reference);
        return manifest == null ? null : manifest.content();
    }

    byte[] blob(String digest) {
        return blobs.get(digest);
    }

    boolean hasBlob(String digest) {
        return blobs.containsKey(digest);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath().substring("/v2/".length());
        try (exchange) {
            if (path.isEmpty()) {
                reply(exchange, 200, new byte[0]);
            } else if (path.contains("/manifests/")) {
                manifest(exchange, path.replace("/manifests/", "/"));
            } else if (path.contains("/blobs/uploads/")) {
                upload(exchange);
            } else {
                byte[] blob = blobs.get(path.substring(path.lastIndexOf('/') + 1));
                reply(exchange, blob == null ? 404 : 200, blob);
            }
        }
    }

    private void manifest(HttpExchange exchange, String key) throws IOException {
        if (exchange.getRequestMethod().equals("PUT")) {
            byte[] content = exchange.getRequestBody().readAllBytes();
            Manifest manifest = new Manifest(exchange.getRequestHeaders().getFirst("Content-Type"), content);
            String digest = digest(content);
            manifests.put(key, manifest);
            manifests.put(key.substring(0, key.lastIndexOf('/') + 1) + digest, manifest);
            exchange.getResponseHeaders().add(DIGEST, digest);
            reply(exchange, 201, new byte[0]);
            return;
        }
        Manifest manifest = manifests.get(key);
        if (manifest == null) {
            reply(exchange, 404, null);
            return;
        }
        exchange.getResponseHeaders().add("Content-Type", manifest.type());
        exchange.getResponseHeaders().add(DIGEST, digest(manifest.content()));
        reply(exchange, 200, manifest.content());
    }

    /** POST opens an upload, PATCH brings all of it, PUT ends it. */
    private void upload(HttpExchange exchange) throws IOException {
        String place = exchange.getRequestURI().getPath();
        switch (exchange.getRequestMethod()) {
            case "POST" -> {
                exchange.getResponseHeaders().add("Location", place + UUID.randomUUID());
                reply(exchange, 202, new byte[0]);
            }
            case "PATCH" -> {
                blobs.put(place, exchange.getRequestBody().readAllBytes());
                exchange.getResponseHeaders().add("Location", place);
                reply(exchange, 202, new byte[0]);
            }
            default -> {
                byte[] content = blobs.remove(place);
                exchange.getResponseHeaders().add(DIGEST, digest(content));
                blobs.put(digest(content), content);
                reply(exchange, 201, new byte[0]);
            }
        }
    }

    private static void reply(HttpExchange exchange, int status, byte[] content) throws IOException {
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (content == null || content.length == 0 || head) {
            if (head && content != null) {
                exchange.getResponseHeaders().add("Content-Length", String.valueOf(content.length));
            }
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, content.length);
        exchange.getResponseBody().write(content);
    }

    private static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
