package io.stackwright.operator.leading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.operator.ChildOperator;
import io.stackwright.operator.JavaProcess;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An operator in a process of its own. */
final class OperatorProcess implements AutoCloseable {

    private static final Pattern PORT = Pattern.compile("(?<!-)port=\"?(\\d+)");

    private final Path log;
    private final Process process;

    private OperatorProcess(Path log, Process process) {
        this.log = log;
        this.process = process;
    }

    /** @param log is written anew */
    static OperatorProcess start(Path log, List<String> arguments, Map<String, String> environment) {
        List<String> command = JavaProcess.command(ChildOperator.class);
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().clear();
        builder.environment().putAll(RunningOperator.environment());
        builder.environment().putAll(environment);
        try {
            return new OperatorProcess(log, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Until a line of the log contains the text. */
    OperatorProcess awaitLog(String text) {
        await().atMost(Scenario.PATIENCE).until(() -> !process.isAlive() || log().contains(text));
        assertThat(log()).contains(text);
        return this;
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void signal(String name) {
        try {
            assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Exit code; 128 + signal when a signal ended it. */
    int awaitExit() {
        try {
            assertThat(process.waitFor(Scenario.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("%s", log())
                    .isTrue();
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Status code and body of {@code /readyz}. */
    String readiness() {
        Matcher port = PORT.matcher(log());
        assertThat(port.find()).isTrue();
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + port.group(1) + "/readyz");
            HttpResponse<String> answer =
                    http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        awaitExit();
    }
}
