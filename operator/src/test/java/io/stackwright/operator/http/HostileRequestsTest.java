package io.stackwright.operator.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.JavaProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What any pod may send. The server is a process of its own, with little memory and at its end when that does not suffice, as
 * the operator is: the JDK's server reads its limits once in a process.
 */
@Timeout(60)
class HostileRequestsTest {

    private static final int CROWD = 200;
    private static final String METRICS = "stackwright_up 1\n".repeat(3000);
    private static final int PATIENCE_MILLIS = 20_000;

    private static Process process;
    private static int port;

    private final List<Socket> sockets = new ArrayList<>();

    /** Prints its port, and ends with its input. */
    static final class Server {

        private Server() {}

        public static void main(String[] arguments) throws IOException {
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            try (OperatorServer server = new OperatorServer(address, List.of(), List.of(), () -> METRICS)) {
                server.start();
                System.out.println(server.port());
                System.in.transferTo(OutputStream.nullOutputStream());
            }
        }
    }

    @BeforeAll
    static void start() throws IOException {
        process = new ProcessBuilder(JavaProcess.command(
                        Server.class,
                        "-Xmx32m",
                        "-XX:+ExitOnOutOfMemoryError",
                        // What a person sets holds, and the test need not wait for as long as there is by default.
                        "-Dsun.net.httpserver.maxReqTime=1"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        // Java has something to say as well.
        port = process.inputReader()
                .lines()
                .filter(line -> line.matches("[0-9]+"))
                .findFirst()
                .map(Integer::valueOf)
                .orElseThrow();
    }

    @AfterAll
    static void stop() throws Exception {
        process.getOutputStream().close();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    @AfterEach
    void hangUp() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void aHeaderThatIsTooLongIsRefused() throws Exception {
        assertThat(isClosed(send("GET /livez HTTP/1.1\r\nX: " + "x".repeat(9_000) + "\r\n\r\n")))
                .isTrue();
        assertThat(isClosed(send("GET /" + "x".repeat(9_000) + " HTTP/1.1\r\n\r\n")))
                .isTrue();
    }

    @Test
    void halfARequestIsClosedInTime() throws Exception {
        assertThat(isClosed(send("G"))).isTrue();
        assertThat(isClosed(send("GET /livez HTTP/1.1\r\nHost: x\r\n"))).isTrue();
    }

    @Test
    void aCrowdOfRequestsWithoutEndTakesNoMemoryAndHoldsUpNobody() throws Exception {
        // when
        String half = "GET /livez HTTP/1.1\r\nX: ";
        for (int i = 0; i < CROWD; i++) {
            send(half + "x".repeat(340_000));
            send(half);
            send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        }

        // then
        Socket good = send("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        good.setSoTimeout(PATIENCE_MILLIS);
        assertThat(new String(good.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                .startsWith("HTTP/1.1 200 OK")
                .endsWith("ok\n");
        assertThat(process.isAlive()).isTrue();
    }

    /** Sends as much as is taken. */
    private Socket send(String request) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        sockets.add(socket);
        try {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        } catch (SocketException e) {
            // Closed meanwhile.
        }
        return socket;
    }

    /** Waits until nothing more comes; nothing has. */
    private static boolean isClosed(Socket socket) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketException e) {
            return true;
        }
    }
}
