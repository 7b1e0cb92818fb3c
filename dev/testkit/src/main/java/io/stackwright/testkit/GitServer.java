package io.stackwright.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * A real Git server, on loopback unless told otherwise: `git http-backend` behind https with a certificate of its own.
 *
 * <p>It counts what it is asked, and can be told to ask for a password, to fail, to redirect and to be slow.
 */
public final class GitServer implements AutoCloseable {

    private final Path root;
    private final String host;
    private final HttpsServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final GitBackend backend;
    private final String certificate;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile String basicAuth = "";
    private volatile Answer answer = Answer.NORMAL;
    private volatile CountDownLatch held = new CountDownLatch(0);

    /** How requests are answered. */
    public enum Answer {
        NORMAL,
        UNAUTHORIZED,
        FORBIDDEN,
        NOT_FOUND,
        TOO_MANY_REQUESTS,
        ERROR,
        HTML,
        ONE_BYTE_A_SECOND,
        REDIRECT
    }

    /**
     * One request.
     *
     * @param command of protocol version 2: {@code ls-refs}, {@code ls-nothing} (of refs that do not exist) or {@code
     *     fetch}; empty for the capability advertisement
     * @param thin whether differences to what the client has are welcome
     * @param authorization the header, or an empty text
     */
    public record Request(String method, String path, String command, boolean thin, String authorization) {}

    private volatile String redirectTo = "";
    private volatile byte[] pack = new byte[0];

    private GitServer(Path root, String host, InetAddress address, String names)
            throws IOException, GeneralSecurityException {
        this.root = root;
        this.host = host;
        this.backend = new GitBackend(root, executor);
        KeyStore keys = TestCertificate.make(root, names);
        this.certificate = TestCertificate.pem(keys);
        this.server = HttpsServer.create(new InetSocketAddress(address, 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(TestCertificate.serverContext(keys)));
        server.setExecutor(executor);
        server.createContext("/", this::handle);
        server.start();
    }

    /** Starts a server that keeps its repositories in a temporary directory. */
    public static GitServer start() {
        return start("localhost", InetAddress.getLoopbackAddress(), "dns:localhost");
    }

    /** Starts one that is reached by an address of this machine, as pods of the local node reach it. */
    public static GitServer startAt(String address) {
        return start(address, InetAddress.ofLiteral(address), "ip:" + address);
    }

    private static GitServer start(String host, InetAddress address, String names) {
        try {
            return new GitServer(Files.createTempDirectory("git-server"), host, address, names);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What {@code ca.crt} of a credential Secret needs. */
    public String certificate() {
        return certificate;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** Host and port, as the operator's list of allowed source hosts wants them. */
    public String hostAndPort() {
        return host + ":" + port();
    }

    /** Address of a repository. */
    public String url(String repository) {
        return "https://" + hostAndPort() + "/" + repository + ".git";
    }

    /** From now on, only this user gets an answer. */
    public void requireBasicAuth(String user, String password) {
        basicAuth =
                "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    public void answer(Answer how) {
        answer = how;
    }

    /** Redirects the first request of each look; {@code prefix} replaces scheme, host and port. */
    public void redirectTo(String prefix) {
        redirectTo = prefix;
        answer = Answer.REDIRECT;
    }

    /** From now on requests are counted and wait, until {@link #release}. */
    public void hold() {
        held = new CountDownLatch(1);
    }

    public void release() {
        held.countDown();
    }

    /** From now on every fetch gets this pack, whatever it asks for; an empty one ends that. */
    public void send(byte[] instead) {
        pack = instead.clone();
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    public void forgetRequests() {
        requests.clear();
    }

    /** How often branches and tags were listed. */
    public long listings() {
        return requests.stream()
                .filter(request -> request.command().equals("ls-refs"))
                .count();
    }

    /** How often commits were downloaded, in however many rounds of negotiation. */
    public long downloads() {
        long operations = requests.stream()
                .filter(request -> request.path().endsWith("/info/refs"))
                .count();
        return operations - listings();
    }

    /** Makes an empty repository whose HEAD is {@code main}. */
    public Repository create(String name) {
        Repository repository = new Repository(root.resolve(name + ".git"), root.resolve(name + "-work"));
        repository.initialise();
        return repository;
    }

    /** A repository that was made before. */
    public Repository open(String name) {
        return new Repository(root.resolve(name + ".git"), root.resolve(name + "-work"));
    }

    /** A repository on the server, with a work tree to commit from. */
    public static final class Repository {

        private final Path bare;
        private final Path work;

        private Repository(Path bare, Path work) {
            this.bare = bare;
            this.work = work;
        }

        private void initialise() {
            GitCommand.run(bare.getParent(), List.of("init", "-q", "--bare", "-b", "main", bare.toString()));
            GitCommand.run(bare, List.of("config", "uploadpack.allowAnySHA1InWant", "true"));
            GitCommand.run(bare.getParent(), List.of("init", "-q", "-b", "main", work.toString()));
            git("remote", "add", "origin", bare.toString());
        }

        /** The bare repository, as the server has it. */
        public Path directory() {
            return bare;
        }

        /** Where files can be changed before {@link #commitAll}. */
        public Path work() {
            return work;
        }

        /** Writes files on {@code main}, commits and pushes; returns the commit's id. */
        public String commit(Map<String, String> files) {
            return commit("main", files);
        }

        /** Writes files on a branch, which is made from the present one if need be, commits and pushes. */
        public String commit(String branch, Map<String, String> files) {
            if (GitCommand.run(work, List.of("branch", "--list", branch)).isBlank()
                    && !GitCommand.run(work, List.of("symbolic-ref", "HEAD"))
                            .strip()
                            .equals("refs/heads/" + branch)) {
                git("checkout", "-q", "-b", branch);
            } else if (!GitCommand.run(work, List.of("branch", "--list", branch))
                    .isBlank()) {
                git("checkout", "-q", branch, "--");
            }
            files.forEach((path, content) -> {
                try {
                    Path file = work.resolve(path);
                    Files.createDirectories(file.getParent());
                    Files.writeString(file, content);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            return commitAll();
        }

        /** Commits the work tree as it is and pushes the present branch. */
        public String commitAll() {
            git("add", "-A");
            return commitIndex();
        }

        /** Commits the index as it is and pushes the present branch. */
        public String commitIndex() {
            git("commit", "-q", "--allow-empty", "-m", "change");
            git("push", "-q", "origin", "HEAD");
            return head();
        }

        public String head() {
            return git("rev-parse", "HEAD").strip();
        }

        /** An annotated tag of the present commit. */
        public void tag(String name) {
            git("tag", "-a", "-m", name, name);
            git("push", "-q", "origin", "refs/tags/" + name);
        }

        /** Runs Git in the work tree; returns what it prints. */
        public String git(String... arguments) {
            return GitCommand.run(work, List.of(arguments));
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String text = text(body, first(exchange, "Content-Encoding"));
            String authorization = first(exchange, "Authorization");
            requests.add(new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    command(text),
                    text.contains("thin-pack"),
                    authorization));
            held.await();
            switch (answer) {
                case NORMAL -> {
                    if (pack.length > 0 && command(text).equals("fetch")) {
                        CannedPack.answer(exchange, text, pack);
                    } else {
                        normal(exchange, body, authorization);
                    }
                }
                case UNAUTHORIZED -> unauthorized(exchange);
                case FORBIDDEN -> exchange.sendResponseHeaders(403, -1);
                case NOT_FOUND -> exchange.sendResponseHeaders(404, -1);
                case TOO_MANY_REQUESTS -> exchange.sendResponseHeaders(429, -1);
                case ERROR -> exchange.sendResponseHeaders(500, -1);
                case HTML -> html(exchange);
                case ONE_BYTE_A_SECOND -> drip(exchange);
                case REDIRECT -> {
                    exchange.getResponseHeaders().add("Location", redirectTo + exchange.getRequestURI());
                    exchange.sendResponseHeaders(302, -1);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void normal(HttpExchange exchange, byte[] body, String authorization)
            throws IOException, InterruptedException {
        if (!basicAuth.isEmpty() && !basicAuth.equals(authorization)) {
            unauthorized(exchange);
            return;
        }
        backend.serve(exchange, body);
    }

    private static void unauthorized(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"test\"");
        exchange.sendResponseHeaders(401, -1);
    }

    private static void html(HttpExchange exchange) throws IOException {
        byte[] page = "<html>Welcome</html>".getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "text/html");
        exchange.sendResponseHeaders(200, page.length);
        exchange.getResponseBody().write(page);
    }

    private static void drip(HttpExchange exchange) throws IOException, InterruptedException {
        exchange.getResponseHeaders().add("Content-Type", "application/x-git-upload-pack-advertisement");
        exchange.sendResponseHeaders(200, 0);
        for (char c : "001e# service=git-upload-pack\n0000".repeat(100).toCharArray()) {
            exchange.getResponseBody().write(c);
            exchange.getResponseBody().flush();
            Thread.sleep(1000);
        }
    }

    private static String text(byte[] body, String encoding) throws IOException {
        byte[] plain = body;
        if (encoding.contains("gzip")) {
            try (InputStream in = new GZIPInputStream(new java.io.ByteArrayInputStream(body))) {
                plain = in.readAllBytes();
            }
        }
        return new String(plain, StandardCharsets.ISO_8859_1);
    }

    private static String command(String text) {
        if (text.contains("command=ls-refs")) {
            return text.contains("refs/heads/") ? "ls-refs" : "ls-nothing";
        }
        return text.contains("command=fetch") ? "fetch" : "";
    }

    static String first(HttpExchange exchange, String header) {
        String value = exchange.getRequestHeaders().getFirst(header);
        return value == null ? "" : value;
    }

    @Override
    public void close() {
        release();
        server.stop(0);
        executor.shutdownNow();
        try (Stream<Path> files = Files.walk(root)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
