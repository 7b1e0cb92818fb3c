package io.stackwright.bench;

import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged operator as a process of its own. */
final class OperatorProcess implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(90);
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin");
    private static final Pattern LIVE = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

    private final Process process;
    private final URI http;
    private final HttpClient client = HttpClient.newHttpClient();

    private OperatorProcess(Process process, int port) {
        this.process = process;
        this.http = URI.create("http://127.0.0.1:" + port);
    }

    /** Starts it and waits until it is ready. */
    static OperatorProcess start(Path work, Path kubeconfig, CliLog cli) throws IOException, InterruptedException {
        OperatorProcess operator = launch(work, kubeconfig, cli);
        operator.await(() -> operator.get("/readyz").statusCode() == 200, "readiness", START);
        return operator;
    }

    static OperatorProcess launch(Path work, Path kubeconfig, CliLog cli) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path jar = Toolchain.root().resolve("operator/target/stackwright-operator.jar");
        ProcessBuilder builder = new ProcessBuilder(
                JAVA.resolve("java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-jar",
                jar.toString(),
                "--data-dir=" + work.resolve("data"),
                "--operator-namespace=default",
                "--pulumi=" + cli.command(),
                "--http-port=" + port);
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        builder.environment().put("PATH", Toolchain.bin() + ":" + System.getenv("PATH"));
        builder.redirectOutput(
                ProcessBuilder.Redirect.appendTo(work.resolve("operator.log").toFile()));
        builder.redirectErrorStream(true);
        return new OperatorProcess(builder.start(), port);
    }

    private interface Check {
        boolean holds() throws IOException, InterruptedException;
    }

    private void await(Check check, String what, Duration patience) throws IOException, InterruptedException {
        Instant deadline = Instant.now().plus(patience);
        while (true) {
            if (!process.isAlive()) {
                throw new IllegalStateException("the operator ended with exit code " + process.exitValue());
            }
            try {
                if (check.holds()) {
                    return;
                }
            } catch (java.net.ConnectException e) {
                // It has not opened its port yet.
            }
            if (Instant.now().isAfter(deadline)) {
                throw new IllegalStateException("no " + what + " of the operator within " + patience);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /**
     * Waits until its metrics count at least so many successful reconciles and, for half a second, no further one: some
     * Stacks are reconciled more than once, so the number alone does not tell that it was the turn of each.
     *
     * @return when the last one was seen
     */
    Instant awaitReconciles(int count, Duration patience) throws IOException, InterruptedException {
        double[] before = {-1};
        Instant[] changed = {Instant.now()};
        await(
                () -> {
                    double now = reconciles();
                    if (now != before[0]) {
                        before[0] = now;
                        changed[0] = Instant.now();
                    }
                    return now >= count && changed[0].isBefore(Instant.now().minusMillis(500));
                },
                count + " reconciles",
                patience);
        return changed[0];
    }

    private double reconciles() throws IOException, InterruptedException {
        HttpResponse<String> answer = get("/metrics");
        return answer.body()
                .lines()
                .filter(line -> line.startsWith("stackwright_reconciles_total{") && line.contains("\"succeeded\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(http.resolve(path))
                .timeout(Duration.ofSeconds(10))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** Bytes of live objects, after a full collection. */
    long liveHeap() throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        List.of(JAVA.resolve("jcmd").toString(), Long.toString(process.pid()), "GC.class_histogram"))
                .redirectErrorStream(true)
                .start();
        String text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        jcmd.waitFor();
        Matcher total = LIVE.matcher(text);
        if (!total.find()) {
            throw new IllegalStateException("jcmd: " + text);
        }
        return Long.parseLong(total.group(1));
    }

    /** Bytes of physical memory; 0 where the system does not tell. */
    long resident() throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .sum();
    }

    /** SIGTERM, and SIGKILL when that does not help. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
