package io.stackwright.operator.engine.automation;

import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.automation.BoundedCapture.Captured;
import io.stackwright.operator.engine.automation.ProcessSupervisor.Ending;
import io.stackwright.operator.engine.processes.ProcessRecord;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the Pulumi CLI: clean environment, nothing on standard input, bounded capture, supervised. */
final class CliRunner {

    private static final Logger LOG = LoggerFactory.getLogger(CliRunner.class);

    /** How long after the end of the CLI a stray process may keep its output open. */
    private static final Duration DRAIN = Duration.ofSeconds(2);

    private static final Duration READ = Duration.ofMinutes(1);

    /** What a run may write to files of ours while it runs: output, complaints and events together. */
    static final long OUTPUT_LIMIT = 256L * 1024 * 1024;

    private static final Duration LOOK = Duration.ofMillis(250);

    private final long outputLimit;
    private final Path pulumi;
    private final ProcessSessions sessions;
    private final ProcessSupervisor supervisor;
    private final CliListener listener;

    CliRunner(Path pulumi, ProcessSessions sessions, CliListener listener) {
        this(pulumi, sessions, listener, OUTPUT_LIMIT);
    }

    /** @param outputLimit bytes that a detached run may write before it is stopped */
    CliRunner(Path pulumi, ProcessSessions sessions, CliListener listener, long outputLimit) {
        this.outputLimit = outputLimit;
        this.listener = listener;
        this.pulumi = pulumi;
        this.sessions = sessions;
        this.supervisor = new ProcessSupervisor(sessions);
    }

    /**
     * One run of the CLI.
     *
     * @param arguments without the command itself
     * @param environment the whole environment
     * @param headLimit bytes to keep from the beginning of each stream
     * @param tailLimit bytes to keep from the rest of each stream
     * @param record where the process is written down
     */
    record Call(
            List<String> arguments,
            Path directory,
            Map<String, String> environment,
            int headLimit,
            int tailLimit,
            Optional<ProcessRecord> record) {

        /** One whose process is not written down. */
        Call(List<String> arguments, Path directory, Map<String, String> environment, int headLimit, int tailLimit) {
            this(arguments, directory, environment, headLimit, tailLimit, Optional.empty());
        }

        private void asking(long pid) {
            if (record.isPresent()) {
                try {
                    record.get().ask(pid, Instant.now());
                } catch (IOException e) {
                    // The signal matters more: at worst somebody sends a second one after we are gone.
                    LOG.atWarn().setCause(e).addKeyValue("pid", pid).log("a request to stop was not written down");
                }
            }
        }
    }

    /**
     * When a run has to end.
     *
     * @param timeout until it is asked to stop
     * @param grace from then until it is killed
     */
    record Bounds(Duration timeout, Duration grace, CancelToken cancel) {}

    /** What a run left. */
    record Result(Ending ending, Captured stdout, Captured stderr) {

        int exitCode() {
            return ending.exitCode();
        }

        boolean succeeded() {
            return ending.exitCode() == 0;
        }
    }

    /**
     * Runs the CLI and waits for its end.
     *
     * @throws IOException when it cannot be started
     */
    Result run(Call call, Bounds bounds) throws IOException {
        listener.starts(name(call.arguments()));
        try {
            Process process = builder(call).start();
            BoundedCapture stdout =
                    BoundedCapture.start(process.getInputStream(), "pulumi-stdout", call.headLimit(), call.tailLimit());
            BoundedCapture stderr =
                    BoundedCapture.start(process.getErrorStream(), "pulumi-stderr", call.headLimit(), call.tailLimit());
            Ending ending = supervisor.await(process, bounds, call::asking);
            return new Result(ending, stdout.finish(DRAIN), stderr.finish(DRAIN));
        } finally {
            listener.ended();
        }
    }

    /**
     * Runs the CLI so that it outlives us: its output goes through files instead of pipes.
     *
     * <p>If the operator dies, a CLI with a broken pipe would die of its next line of output, in the middle of what it
     * does. With files it comes to its end, records what it did and releases its lock.
     *
     * <p>Files have no limit of their own, so a run that writes more than {@link #OUTPUT_LIMIT} is stopped.
     *
     * @param scratch folder for the files, which are removed at the end
     * @param events what the CLI writes its events to
     * @throws IOException when it cannot be started
     */
    Result runDetached(Call call, Bounds bounds, Path scratch, Path events) throws IOException {
        Path stdout = ScratchFiles.create(scratch, "stdout-", ".log");
        Path stderr = ScratchFiles.create(scratch, "stderr-", ".log");
        try {
            return runDetached(call, bounds, stdout, stderr, events);
        } finally {
            Files.deleteIfExists(stdout);
            Files.deleteIfExists(stderr);
        }
    }

    private Result runDetached(Call call, Bounds bounds, Path stdout, Path stderr, Path events) throws IOException {
        listener.starts(name(call.arguments()));
        try {
            Process process = builder(call)
                    .redirectOutput(stdout.toFile())
                    .redirectError(stderr.toFile())
                    .start();
            CompletableFuture<Void> flooded = new CompletableFuture<>();
            Thread.ofVirtual()
                    .name("pulumi-output")
                    .start(() -> watch(process, flooded, List.of(stdout, stderr, events)));
            Ending ending = supervisor.await(process, bounds, call::asking, flooded);
            return new Result(ending, read(stdout, call), read(stderr, call));
        } finally {
            listener.ended();
        }
    }

    private void watch(Process process, CompletableFuture<Void> flooded, List<Path> files) {
        try {
            while (!process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                if (files.stream().mapToLong(file -> file.toFile().length()).sum() > outputLimit) {
                    flooded.complete(null);
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Captured read(Path file, Call call) throws IOException {
        try (InputStream in = new FileInputStream(file.toFile())) {
            return BoundedCapture.start(in, "pulumi-log", call.headLimit(), call.tailLimit())
                    .finish(READ);
        }
    }

    private ProcessBuilder builder(Call call) {
        List<String> command = new ArrayList<>();
        command.add(pulumi.toString());
        command.addAll(call.arguments());
        ProcessBuilder builder = new ProcessBuilder(sessions.inOwnSession(
                call.record().map(record -> record.recorded(command)).orElse(command)));
        builder.directory(call.directory().toFile());
        builder.environment().clear();
        builder.environment().putAll(call.environment());
        return builder.redirectInput(Path.of("/dev/null").toFile());
    }

    /** The command without flags and arguments: {@code up}, {@code stack output}. */
    static String name(List<String> arguments) {
        boolean group = !arguments.isEmpty() && arguments.getFirst().equals("stack");
        return String.join(" ", arguments.subList(0, Math.min(group ? 2 : 1, arguments.size())));
    }
}
