package io.stackwright.operator.faults;

import io.fabric8.kubernetes.client.Config;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * Stands between an operator and the API server: sees every request, tells of it before it is forwarded, when its answer
 * is there and when that is handed on, and does to it what a test wants.
 *
 * <p>It speaks plain HTTP/1.1 and holds the credentials itself, so its kubeconfig has none. Watches pass through as they
 * come.
 */
public final class ApiProxy implements AutoCloseable {

    /** Told of the requests of one operator, on the thread that handles the request, which waits for it. */
    public interface Listener {

        /** @return whether it goes on */
        boolean before(ApiRequest request);

        /** @return whether it goes on */
        boolean answered(ApiRequest request);

        void replied(ApiRequest request);
    }

    /** A request that has come through, and when. */
    record Seen(Instant at, ApiRequest request) {}

    private final URI server;
    private final String token;
    private final SSLSocketFactory tls;
    private final Listener listener;
    private final ServerSocket socket;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Queue<Seen> seen = new ConcurrentLinkedQueue<>();
    private volatile Function<ApiRequest, Fault> faults = request -> new Fault.None();
    private volatile boolean closed;
    private boolean watchesFrozen;

    public ApiProxy(Config upstream, Listener listener) {
        this.server = URI.create(upstream.getMasterUrl());
        this.token = upstream.getAutoOAuthToken();
        this.tls = trusting(upstream.getCaCertData());
        this.listener = listener;
        try {
            this.socket = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** Where it is reached. */
    String url() {
        return "http://127.0.0.1:" + socket.getLocalPort();
    }

    /** A kubeconfig of this proxy. */
    public Path kubeconfig(Path folder) {
        try {
            return Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters:
                  - {name: proxy, cluster: {server: "%s"}}
                users:
                  - {name: nobody, user: {}}
                contexts:
                  - {name: proxy, context: {cluster: proxy, user: nobody}}
                current-context: proxy
                """.formatted(url()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What becomes of the requests from now on. */
    void faults(Function<ApiRequest, Fault> faults) {
        this.faults = faults;
    }

    /** All is well again: hanging requests are cut, frozen watches go on. */
    synchronized void heal() {
        faults = request -> new Fault.None();
        watchesFrozen = false;
        notifyAll();
    }

    /** Watches stay open, and nothing comes through them any more. */
    synchronized void freezeWatches() {
        watchesFrozen = true;
    }

    /** Ends all connections, watches too. */
    void cutAll() {
        open.forEach(ApiProxy::close);
    }

    /** The requests so far. */
    List<Seen> seen() {
        return new ArrayList<>(seen);
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = socket.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket client) {
        Socket upstream = null;
        try (client) {
            client.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(client.getInputStream());
            upstream = tls.createSocket(server.getHost(), server.getPort());
            upstream.setTcpNoDelay(true);
            open.add(upstream);
            InputStream answers = new BufferedInputStream(upstream.getInputStream());
            while (!closed) {
                Optional<HttpMessage> head = HttpMessage.readHead(in);
                if (head.isEmpty()
                        || !handle(head.get(), in, client.getOutputStream(), answers, upstream.getOutputStream())) {
                    return;
                }
            }
        } catch (IOException e) {
            // One of the two has ended the connection; so do we.
        } finally {
            open.remove(client);
            if (upstream != null) {
                open.remove(upstream);
                close(upstream);
            }
        }
    }

    /** @return whether the connection can be used again */
    private boolean handle(HttpMessage head, InputStream in, OutputStream out, InputStream answers, OutputStream up)
            throws IOException {
        byte[] body = head.readBody(in);
        ApiRequest request = ApiRequest.of(head.word(0), head.word(1), new String(body, StandardCharsets.UTF_8));
        seen.add(new Seen(Instant.now(), request));
        if (!listener.before(request)) {
            return false;
        }
        Fault fault = faults.apply(request);
        switch (fault) {
            case Fault.Answer answer -> {
                out.write(bytes(answer));
                out.flush();
                return true;
            }
            case Fault.Replay(byte[] answer) -> {
                out.write(answer);
                out.flush();
                return true;
            }
            case Fault.Hang hang -> {
                hang();
                return false;
            }
            case Fault.Cut cut -> {
                return false;
            }
            case Fault.None none -> {}
            case Fault.CutAnswer cut -> {}
            case Fault.Expired expired -> {}
        }
        up.write(forwarded(head).headBytes());
        up.write(body);
        up.flush();
        HttpMessage answer = HttpMessage.readHead(answers).orElseThrow(() -> new IOException("no answer"));
        boolean stream = request.isWatch() && answer.header("Content-Length").isEmpty();
        if (stream) {
            if (fault instanceof Fault.Expired expired) {
                out.write(answer.headBytes());
                out.write(expired.frame());
                out.flush();
                in.read();
                return false;
            }
            tunnel(answer, in, out, answers, up);
            return false;
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(answer.headBytes());
        if (!answer.word(1).equals("204") && !answer.word(1).equals("304")) {
            whole.write(answer.readBody(answers));
        }
        if (!listener.answered(request) || fault instanceof Fault.CutAnswer) {
            return false;
        }
        whole.writeTo(out);
        out.flush();
        listener.replied(request);
        return true;
    }

    /** The answer to a request as the server gives it now, for later. */
    byte[] ask(ApiRequest request) {
        String target = request.path() + (request.query().isEmpty() ? "" : "?" + request.query());
        try (Socket upstream = tls.createSocket(server.getHost(), server.getPort())) {
            HttpMessage head = new HttpMessage("GET " + target + " HTTP/1.1", List.of("Accept: application/json"));
            upstream.getOutputStream().write(forwarded(head).headBytes());
            upstream.getOutputStream().flush();
            InputStream in = new BufferedInputStream(upstream.getInputStream());
            HttpMessage answer = HttpMessage.readHead(in).orElseThrow();
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            whole.write(answer.headBytes());
            whole.write(answer.readBody(in));
            return whole.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Both directions, until one ends. */
    private void tunnel(HttpMessage answer, InputStream in, OutputStream out, InputStream answers, OutputStream up)
            throws IOException {
        boolean webSocket = answer.word(1).equals("101");
        List<String> headers = new ArrayList<>(answer.headers());
        if (!webSocket) {
            // What comes after the end of the stream would pass through unseen.
            headers.add("Connection: close");
        }
        out.write(new HttpMessage(answer.start(), headers).headBytes());
        out.flush();
        Thread.ofVirtual().start(() -> {
            try {
                in.transferTo(up);
                up.close();
            } catch (IOException e) {
                close(up);
            }
        });
        byte[] buffer = new byte[1 << 16];
        int count = answers.read(buffer);
        while (count > 0) {
            awaitThaw();
            out.write(buffer, 0, count);
            out.flush();
            count = answers.read(buffer);
        }
    }

    private synchronized void awaitThaw() throws IOException {
        while (watchesFrozen && !closed) {
            pause();
        }
    }

    private synchronized void hang() throws IOException {
        if (!closed) {
            pause();
        }
    }

    private void pause() throws IOException {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private HttpMessage forwarded(HttpMessage head) {
        List<String> headers = new ArrayList<>();
        boolean webSocket =
                head.header("Upgrade").filter("websocket"::equalsIgnoreCase).isPresent();
        for (String line : head.headers()) {
            String name = line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT);
            boolean upgrade = name.equals("upgrade") || name.equals("connection") || name.equals("http2-settings");
            if (!name.equals("host") && !name.equals("authorization") && (webSocket || !upgrade)) {
                headers.add(line);
            }
        }
        headers.add("Host: " + server.getAuthority());
        headers.add("Authorization: Bearer " + token);
        return new HttpMessage(head.start(), headers);
    }

    private static byte[] bytes(Fault.Answer answer) {
        StringBuilder text = new StringBuilder("HTTP/1.1 " + answer.status() + " Fault\r\n");
        answer.headers()
                .forEach((name, value) ->
                        text.append(name).append(": ").append(value).append("\r\n"));
        text.append("Content-Type: application/json\r\nContent-Length: ")
                .append(answer.body().length())
                .append("\r\n\r\n")
                .append(answer.body());
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static SSLSocketFactory trusting(String certificate) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            byte[] pem = Base64.getDecoder().decode(certificate);
            int number = 0;
            for (var found :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
                store.setCertificateEntry("ca-" + number++, found);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // It is gone either way.
        }
    }

    @Override
    public void close() {
        closed = true;
        synchronized (this) {
            notifyAll();
        }
        close(socket);
        cutAll();
    }
}
