package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.operator.JavaProcess;
import io.stackwright.operator.OperatorMain;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The operator in a process of its own, with the settings that the chart gives it. */
final class ChartOperator implements AutoCloseable {

    private final Path log;
    private final Process process;

    private ChartOperator(Path log, Process process) {
        this.log = log;
        this.process = process;
    }

    /**
     * Starts it; it need not get far.
     *
     * @param folder for its data and log
     * @param environment what the chart sets, and KUBECONFIG
     */
    static ChartOperator start(Path folder, Map<String, String> environment) {
        Path log = folder.resolve("log");
        ProcessBuilder builder = JavaProcess.builder(OperatorMain.class).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(RunningOperator.environment());
        builder.environment().putAll(environment);
        builder.environment().put("STACKWRIGHT_DATA_DIR", folder.resolve("data").toString());
        builder.environment().put("STACKWRIGHT_HTTP_PORT", "0");
        builder.environment().put("STACKWRIGHT_LOG_FORMAT", "text");
        try {
            Files.createDirectories(folder);
            return new ChartOperator(log, builder.redirectOutput(log.toFile()).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Until a line of the log contains the text. */
    ChartOperator awaitLog(String text) {
        await().atMost(Scenario.PATIENCE).until(() -> !process.isAlive() || log().contains(text));
        assertThat(log()).contains(text);
        return this;
    }

    boolean isOver() {
        return !process.isAlive();
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops it with SIGTERM. */
    void stop() {
        process.destroy();
        try {
            assertThat(process.waitFor(Scenario.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("%s", log())
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
