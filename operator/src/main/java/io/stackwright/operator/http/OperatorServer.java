package io.stackwright.operator.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /livez}, {@code /readyz} and {@code /metrics} on plain HTTP. A probe answers 200 and {@code ok}, or 503
 * and one line per reason. Size, number and time of requests are limited.
 */
public final class OperatorServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OperatorServer.class);
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int INTERNAL_ERROR = 500;
    private static final int UNAVAILABLE = 503;

    /** Kubernetes sends one or two at a time, and Prometheus one. */
    private static final int REQUESTS_AT_ONCE = 32;

    static {
        limit(System.getProperties());
    }

    private final HttpServer server;
    private final RequestThreads requests = new RequestThreads(REQUESTS_AT_ONCE);
    private final Map<String, Supplier<Answer>> pages;

    /**
     * Listens at once; answers as soon as {@link #start()} is called.
     *
     * @param address port 0 picks a free one
     * @param alive all must hold, or Kubernetes restarts the operator
     * @param ready all must hold for the operator to count as available
     * @param metrics in the Prometheus text format
     * @throws IOException when the address is in use; the message names it
     */
    public OperatorServer(InetSocketAddress address, List<Probe> alive, List<Probe> ready, Supplier<String> metrics)
            throws IOException {
        this(address, alive, ready, Optional::empty, metrics);
    }

    /**
     * The same, with a line for people that a positive answer of {@code /readyz} has after its {@code ok}.
     *
     * @param role without secrets; empty for none
     */
    public OperatorServer(
            InetSocketAddress address,
            List<Probe> alive,
            List<Probe> ready,
            Supplier<Optional<String>> role,
            Supplier<String> metrics)
            throws IOException {
        List<Probe> liveness = List.copyOf(alive);
        List<Probe> readiness = List.copyOf(ready);
        pages = Map.of(
                "/livez", () -> answer(liveness, Optional.empty()),
                "/readyz", () -> answer(readiness, role.get()),
                "/metrics", () -> new Answer(OK, PROMETHEUS, metrics.get()));
        try {
            server = HttpServer.create(address, 0);
        } catch (IOException e) {
            throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
        server.setExecutor(requests);
        server.createContext("/", this::handle);
    }

    /** Starts to answer. */
    public void start() {
        server.start();
    }

    /** The port that is listened on. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** Stops listening and ends requests under way. */
    @Override
    public void close() {
        server.stop(0);
        requests.close();
    }

    /**
     * Bounds what a request may take until it is there: any pod can send one, and the JDK's server would wait for ever, for
     * 380 KiB of headers. It reads these when a process makes its first server, and they hold for all of its servers. What a
     * person has set stays.
     */
    static void limit(Properties system) {
        system.putIfAbsent("sun.net.httpserver.maxReqTime", "10"); // seconds
        system.putIfAbsent("sun.net.httpserver.maxReqHeaderSize", "8192"); // bytes
    }

    private static Answer answer(List<Probe> probes, Optional<String> note) {
        List<String> failures =
                probes.stream().map(Probe::failure).flatMap(Optional::stream).toList();
        return failures.isEmpty()
                ? new Answer(OK, TEXT, "ok\n" + note.map(line -> line + "\n").orElse(""))
                : new Answer(UNAVAILABLE, TEXT, String.join("\n", failures) + "\n");
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            if (answer.status() == METHOD_NOT_ALLOWED) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            }
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
                exchange.sendResponseHeaders(answer.status(), -1);
            } else {
                exchange.sendResponseHeaders(answer.status(), body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    private Answer answer(HttpExchange exchange) {
        Supplier<Answer> page = pages.get(exchange.getRequestURI().getPath());
        if (page == null) {
            return new Answer(NOT_FOUND, TEXT, "not found\n");
        }
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return new Answer(METHOD_NOT_ALLOWED, TEXT, "only GET and HEAD\n");
        }
        try {
            return page.get();
        } catch (RuntimeException e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("path", exchange.getRequestURI().getPath())
                    .log("request failed");
            return new Answer(INTERNAL_ERROR, TEXT, "internal error\n");
        }
    }

    private record Answer(int status, String type, String body) {}
}
