package io.stackwright.operator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class OperatorServerTest {

    private final HttpClient client = HttpClient.newHttpClient();
    private volatile Optional<String> alive = Optional.empty();
    private volatile Optional<String> ready = Optional.empty();
    private volatile Runnable beforeMetrics = () -> {};
    private OperatorServer server;

    @BeforeEach
    void start() throws IOException {
        server = new OperatorServer(
                loopback(0), List.of(() -> alive), List.of(() -> ready, () -> Optional.empty(), () -> ready), () -> {
                    beforeMetrics.run();
                    return "stackwright_build_info 1\n";
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    @Test
    void readinessTellsTheRoleToPeople() throws Exception {
        // given
        server.close();
        server = new OperatorServer(
                loopback(0), List.of(), List.of(() -> ready), () -> Optional.of("standing by"), () -> "");
        server.start();

        // then
        assertThat(get("/readyz").body()).isEqualTo("ok\nstanding by\n");
        assertThat(get("/livez").body()).isEqualTo("ok\n");
        ready = Optional.of("not started");
        assertThat(get("/readyz").body()).isEqualTo("not started\n");
    }

    @Test
    void aHealthyOperatorIsAliveAndReady() throws Exception {
        assertThat(get("/livez"))
                .extracting(HttpResponse::statusCode, HttpResponse::body)
                .containsExactly(200, "ok\n");
        assertThat(get("/readyz"))
                .extracting(HttpResponse::statusCode, HttpResponse::body)
                .containsExactly(200, "ok\n");
    }

    @Test
    void aFailingProbeAnswers503WithEveryReason() throws Exception {
        // given
        ready = Optional.of("caches are not synced");

        // then
        assertThat(get("/readyz"))
                .extracting(HttpResponse::statusCode, HttpResponse::body)
                .containsExactly(503, "caches are not synced\ncaches are not synced\n");
        assertThat(get("/livez").statusCode()).isEqualTo(200);
    }

    @Test
    void metricsHaveThePrometheusContentType() throws Exception {
        // when
        HttpResponse<String> response = get("/metrics");

        // then
        assertThat(response.body()).isEqualTo("stackwright_build_info 1\n");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
    }

    @Test
    void aBrokenProbeAnswers500WithoutDetails() throws Exception {
        // given
        beforeMetrics = () -> {
            throw new IllegalStateException("hunter2");
        };

        // then
        assertThat(get("/metrics"))
                .extracting(HttpResponse::statusCode, HttpResponse::body)
                .containsExactly(500, "internal error\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/livez/", "/livezz", "/metrics/x", "/healthz", "//livez", "/%2e/livez"})
    void otherPathsAreNotFound(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE"})
    void otherMethodsAreNotAllowed(String method) throws Exception {
        // when
        HttpResponse<String> response = client.send(
                request("/livez").method(method, BodyPublishers.ofString("x")).build(), BodyHandlers.ofString());

        // then
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }

    @Test
    void headAnswersWithoutBody() throws Exception {
        // when
        HttpResponse<String> response = client.send(request("/metrics").HEAD().build(), BodyHandlers.ofString());

        // then
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
        assertThat(response.headers().firstValue("Content-Length")).hasValue("25");
    }

    @Test
    void aStuckRequestHoldsUpNeitherOthersNorTheStop() throws Exception {
        // given
        CountDownLatch reached = new CountDownLatch(1);
        beforeMetrics = () -> {
            reached.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        var stuck = client.sendAsync(request("/metrics").build(), BodyHandlers.ofString());
        reached.await();

        // then
        assertThat(get("/livez").statusCode()).isEqualTo(200);
        long before = System.nanoTime();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        assertThat(stuck).failsWithin(Duration.ofSeconds(5));
        assertThatThrownBy(() -> get("/livez")).isInstanceOf(IOException.class);
    }

    @Test
    void oneTooManyEndsTheOneThatHasTakenTheLongest() throws Exception {
        // given
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        beforeMetrics = () -> {
            reached.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                Thread.currentThread().interrupt();
            }
        };
        var stuck = client.sendAsync(request("/metrics").build(), BodyHandlers.ofString());
        reached.await();

        // when
        List<Socket> crowd = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
            socket.getOutputStream().write("GET /livez".getBytes(StandardCharsets.US_ASCII));
            crowd.add(socket);
        }

        // then
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(stuck).failsWithin(Duration.ofSeconds(5));
        assertThat(get("/livez").statusCode()).isEqualTo(200);
        for (Socket socket : crowd) {
            socket.close();
        }
    }

    @Test
    void requestsAreLimitedUnlessSomebodySaysOtherwise() {
        // given
        Properties system = new Properties();
        system.setProperty("sun.net.httpserver.maxReqTime", "60");

        // when
        OperatorServer.limit(system);

        // then
        assertThat(system)
                .containsOnly(
                        entry("sun.net.httpserver.maxReqTime", "60"),
                        entry("sun.net.httpserver.maxReqHeaderSize", "8192"));
        assertThat(Integer.getInteger("sun.net.httpserver.maxReqTime")).isEqualTo(10);
    }

    @Test
    void aPortInUseIsNamed() {
        assertThatThrownBy(() -> new OperatorServer(loopback(server.port()), List.of(), List.of(), () -> ""))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot listen on")
                .hasMessageContaining(String.valueOf(server.port()));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(20));
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
