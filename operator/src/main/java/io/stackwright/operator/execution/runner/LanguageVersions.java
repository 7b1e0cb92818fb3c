package io.stackwright.operator.execution.runner;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Tells which Python or Node a search path leads to, down to what an installation depends on.
 *
 * <p>One process for each search path; what lies on it is not expected to change while the operator runs.
 */
final class LanguageVersions {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int MAX_BYTES = 4096;
    private static final Map<String, List<String>> QUESTIONS = Map.of(
            "python",
            // Isolated: nothing of the folder that it starts in, nor of the home of a run.
            List.of(
                    "python3",
                    "-I",
                    "-c",
                    "import sys, platform; print(sys.version, platform.machine(), sys.executable)"),
            "nodejs",
            List.of("node", "-p", "[process.version, process.arch, process.versions.modules].join(' ')"));

    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final Duration timeout;

    LanguageVersions() {
        this(TIMEOUT);
    }

    /** @param timeout how long an answer may take */
    LanguageVersions(Duration timeout) {
        this.timeout = timeout;
    }

    /**
     * The version, in words that differ when installations must differ.
     *
     * @param environment whose search path has nothing on it that a project brings
     * @throws EngineException {@code RuntimeMissing} when there is none, or none that answers; {@code Cancelled}
     */
    String of(String runtime, Map<String, String> environment, CancelToken cancel) {
        String path = environment.getOrDefault("PATH", "");
        String key = runtime + " " + path;
        String known = answers.get(key);
        if (known != null) {
            return known;
        }
        // Not within the map: whoever waits there hears neither of a cancel nor of the time.
        String answer = ask(QUESTIONS.get(runtime), path, environment, cancel);
        answers.put(key, answer);
        return answer;
    }

    private String ask(List<String> question, String searchPath, Map<String, String> environment, CancelToken cancel) {
        String name = question.getFirst();
        Path program = List.of(searchPath.split(":")).stream()
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> missing(name + " is not on the PATH where Pulumi runs", null));
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(question));
        builder.command().set(0, program.toString());
        builder.environment().clear();
        builder.environment().put("PATH", searchPath);
        builder.environment().put("HOME", environment.getOrDefault("HOME", "/"));
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw missing(name + " on the PATH where Pulumi runs does not work", e);
        }
        try {
            return answer(process, name, cancel);
        } finally {
            end(process);
        }
    }

    private String answer(Process process, String name, CancelToken cancel) {
        CompletableFuture<byte[]> text = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name(name + "-version").start(() -> text.complete(read(process.getInputStream())));
        CompletableFuture<Answer> end = text.thenCompose(bytes -> bytes.length > MAX_BYTES
                ? CompletableFuture.completedFuture(new Answer.TooLong())
                : process.onExit().thenApply(ended -> new Answer.Given(bytes, ended.exitValue())));
        cancel.onCancel(() -> end.complete(new Answer.Cancelled()));
        try {
            return switch (end.get(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                case Answer.Given(byte[] bytes, int exitCode) -> {
                    if (exitCode != 0) {
                        throw missing(name + " on the PATH where Pulumi runs does not work", null);
                    }
                    yield new String(bytes, StandardCharsets.UTF_8).strip();
                }
                case Answer.TooLong tooLong ->
                    throw missing(name + " on the PATH where Pulumi runs says more than a version", null);
                case Answer.Cancelled cancelled -> throw cancelled(name);
            };
        } catch (TimeoutException e) {
            throw missing(
                    name + " on the PATH where Pulumi runs does not answer within " + timeout.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cancelled(name);
        } catch (ExecutionException e) {
            throw missing(name + " on the PATH where Pulumi runs does not work", e);
        }
    }

    /** How asking has ended. */
    private sealed interface Answer {

        record Given(byte[] text, int exitCode) implements Answer {}

        record TooLong() implements Answer {}

        record Cancelled() implements Answer {}
    }

    /** One byte more than there may be, so that it can be told. */
    private static byte[] read(InputStream in) {
        try {
            return in.readNBytes(MAX_BYTES + 1);
        } catch (IOException e) {
            // It was ended.
            return new byte[0];
        }
    }

    private static void end(Process process) {
        // Listed first: once it is dead, what it started has another parent.
        List<ProcessHandle> started = process.descendants().toList();
        process.toHandle().destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
    }

    private static EngineException cancelled(String name) {
        return new EngineException(new Failure(
                Failure.Kind.CANCELLED, Reason.Cancelled, "cancelled while " + name + " was asked for its version"));
    }

    private static EngineException missing(String what, Exception cause) {
        String message =
                what + "; it is needed to install the program's dependencies. With Jobs, Pulumi runs in the image of"
                        + " spec.execution.image or --job-image";
        return new EngineException(new Failure(Failure.Kind.INVALID, Reason.RuntimeMissing, message), cause);
    }
}
