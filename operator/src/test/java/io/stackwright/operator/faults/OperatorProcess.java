package io.stackwright.operator.faults;

import io.stackwright.operator.ChildOperator;
import io.stackwright.operator.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** An operator in a process of its own, with the classes of the test. */
public final class OperatorProcess implements AutoCloseable {

    private static final Pattern STARTED = Pattern.compile("(?m)^.*\\bstarted\\b.*\\bport=\"?([0-9]+).*$");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Process process;
    private final Path log;

    private OperatorProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts it; returns before it is ready.
     *
     * @param environment the whole one
     * @param log file that its output is appended to
     */
    public static OperatorProcess launch(List<String> flags, Map<String, String> environment, Path log) {
        List<String> command = JavaProcess.command(
                ChildOperator.class, "-Djava.io.tmpdir=" + environment.getOrDefault("TMPDIR", "/tmp"));
        command.addAll(flags);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            return new OperatorProcess(
                    builder.redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start(),
                    log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL; returns when it is gone. */
    public void kill() {
        process.destroyForcibly();
        await(30);
    }

    /** SIGTERM; returns at once. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** As if the JVM of the test had been killed: its end of the pipe is gone. */
    void orphan() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the end; false when it lives on. */
    boolean await(long seconds) {
        try {
            return process.waitFor(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    int exitValue() {
        return process.exitValue();
    }

    public String log() {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What everybody may read at {@code /metrics}; empty when it does not answer. */
    Optional<String> metrics() {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> metrics(http), answer -> answer.isPresent() || !isAlive());
        } catch (ConditionTimeoutException e) {
            return Optional.empty();
        }
    }

    /** The port is the one of the last start in the log; that may be a former operator's. */
    private Optional<String> metrics(HttpClient http) throws InterruptedException {
        Optional<URI> page = STARTED.matcher(log())
                .results()
                .map(start -> URI.create("http://127.0.0.1:" + start.group(1) + "/metrics"))
                .reduce((former, last) -> last);
        if (page.isEmpty()) {
            return Optional.empty();
        }
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(page.get()).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
            return Optional.of(answer.body()).filter(text -> answer.statusCode() == 200);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        kill();
    }
}
