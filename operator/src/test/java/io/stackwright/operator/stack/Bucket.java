package io.stackwright.operator.stack;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;

/**
 * A stand-in for an S3 bucket, as far as Pulumi's state needs one: S3 itself cannot run here.
 *
 * <p>It keeps objects in memory, lists, copies and deletes them, and can be gone.
 */
final class Bucket implements AutoCloseable {

    private static final String NAME = "state";
    private static final String XML = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

    private final HttpServer server;
    private final Map<String, byte[]> objects = new ConcurrentSkipListMap<>();
    private volatile boolean gone;

    private Bucket(HttpServer server) {
        this.server = server;
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    static Bucket start() {
        try {
            return new Bucket(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return "s3://" + NAME + "?endpoint=http://127.0.0.1:"
                + server.getAddress().getPort() + "&s3ForcePathStyle=true&region=us-east-1";
    }

    Map<String, byte[]> objects() {
        return objects;
    }

    void gone(boolean isGone) {
        gone = isGone;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (gone) {
                error(exchange, "NoSuchBucket", "The specified bucket does not exist");
                return;
            }
            String path = exchange.getRequestURI().getPath();
            String key = path.length() <= NAME.length() + 2 ? "" : path.substring(NAME.length() + 2);
            if (key.isEmpty()) {
                answer(exchange, 200, list(exchange.getRequestURI()).getBytes(StandardCharsets.UTF_8));
                return;
            }
            switch (exchange.getRequestMethod()) {
                case "PUT" -> put(exchange, key, body);
                case "DELETE" -> {
                    objects.remove(key);
                    answer(exchange, 204, new byte[0]);
                }
                default -> {
                    byte[] object = objects.get(key);
                    if (object == null) {
                        error(exchange, "NoSuchKey", "The specified key does not exist.");
                    } else {
                        answer(exchange, 200, object);
                    }
                }
            }
        }
    }

    private void put(HttpExchange exchange, String key, byte[] body) throws IOException {
        String source = exchange.getRequestHeaders().getFirst("x-amz-copy-source");
        if (source != null) {
            String from = URLDecoder.decode(source, StandardCharsets.UTF_8).replaceFirst("^/?" + NAME + "/", "");
            byte[] object = objects.get(from);
            if (object == null) {
                error(exchange, "NoSuchKey", "The specified key does not exist.");
                return;
            }
            objects.put(key, object);
            String done = XML + "<CopyObjectResult><ETag>\"x\"</ETag><LastModified>2026-01-01T00:00:00.000Z"
                    + "</LastModified></CopyObjectResult>";
            answer(exchange, 200, done.getBytes(StandardCharsets.UTF_8));
            return;
        }
        String sha = String.valueOf(exchange.getRequestHeaders().getFirst("x-amz-content-sha256"));
        objects.put(key, sha.startsWith("STREAMING-") ? unchunked(body) : body);
        answer(exchange, 200, new byte[0]);
    }

    /** {@code size[;signature]\r\n data \r\n ... 0\r\n trailers}. */
    private static byte[] unchunked(byte[] body) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int at = 0;
        while (at < body.length) {
            int end = at;
            while (body[end] != '\r') {
                end++;
            }
            String size = new String(body, at, end - at, StandardCharsets.US_ASCII).replaceFirst(";.*", "");
            int length = Integer.parseInt(size, 16);
            if (length == 0) {
                break;
            }
            all.writeBytes(Arrays.copyOfRange(body, end + 2, end + 2 + length));
            at = end + 2 + length + 2;
        }
        return all.toByteArray();
    }

    private String list(URI uri) {
        Map<String, String> query = new TreeMap<>();
        for (String part : String.valueOf(uri.getRawQuery()).split("&")) {
            String[] pair = part.split("=", 2);
            query.put(pair[0], pair.length < 2 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        String prefix = query.getOrDefault("prefix", "");
        String delimiter = query.getOrDefault("delimiter", "");
        StringBuilder contents = new StringBuilder();
        TreeSet<String> folders = new TreeSet<>();
        objects.forEach((key, object) -> {
            int cut = delimiter.isEmpty() || !key.startsWith(prefix) ? -1 : key.indexOf(delimiter, prefix.length());
            if (cut >= 0) {
                folders.add(key.substring(0, cut + delimiter.length()));
            } else if (key.startsWith(prefix)) {
                contents.append("<Contents><Key>")
                        .append(key)
                        .append("</Key><LastModified>2026-01-01T00:00:00.000Z")
                        .append("</LastModified><ETag>\"x\"</ETag><Size>")
                        .append(object.length)
                        .append("</Size><StorageClass>STANDARD</StorageClass></Contents>");
            }
        });
        folders.forEach(folder ->
                contents.append("<CommonPrefixes><Prefix>").append(folder).append("</Prefix></CommonPrefixes>"));
        return XML + "<ListBucketResult><Name>" + NAME + "</Name><IsTruncated>false</IsTruncated>" + contents
                + "</ListBucketResult>";
    }

    private static void error(HttpExchange exchange, String code, String message) throws IOException {
        String text = XML + "<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>";
        answer(exchange, 404, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        exchange.getResponseHeaders().set("ETag", "\"x\"");
        exchange.getResponseHeaders().set("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        }
        exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
        if (!head && body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }
}
