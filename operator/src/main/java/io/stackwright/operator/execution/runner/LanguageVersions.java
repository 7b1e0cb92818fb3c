package io.stackwright.operator.execution.runner;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Tells which Python or Node a search path leads to, down to what an installation depends on.
 *
 * <p>One process for each search path; what lies on it is not expected to change while the operator runs.
 */
final class LanguageVersions {

    private static final int TIMEOUT_SECONDS = 60;
    private static final Map<String, List<String>> QUESTIONS = Map.of(
            "python",
            List.of("python3", "-c", "import sys, platform; print(sys.version, platform.machine(), sys.executable)"),
            "nodejs",
            List.of("node", "-p", "[process.version, process.arch, process.versions.modules].join(' ')"));

    private final Map<String, String> answers = new ConcurrentHashMap<>();

    /**
     * The version, in words that differ when installations must differ.
     *
     * @throws EngineException {@code RuntimeMissing} when there is none
     */
    String of(String runtime, Map<String, String> environment) {
        String path = environment.getOrDefault("PATH", "");
        return answers.computeIfAbsent(runtime + " " + path, key -> ask(QUESTIONS.get(runtime), path, environment));
    }

    private static String ask(List<String> question, String searchPath, Map<String, String> environment) {
        String name = question.getFirst();
        Path program = List.of(searchPath.split(":")).stream()
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> missing(name + " is not on the operator's PATH", null));
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(question));
        builder.command().set(0, program.toString());
        builder.environment().clear();
        builder.environment().put("PATH", searchPath);
        builder.environment().put("HOME", environment.getOrDefault("HOME", "/"));
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            Process process = builder.start();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw missing(name + " on the operator's PATH does not work", null);
            }
            return answer;
        } catch (IOException e) {
            throw missing(name + " on the operator's PATH does not work", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw missing("interrupted while " + name + " was asked for its version", e);
        }
    }

    private static EngineException missing(String what, Exception cause) {
        String message = what + "; it is needed to install the program's dependencies";
        return new EngineException(new Failure(Failure.Kind.INVALID, Reason.RuntimeMissing, message), cause);
    }
}
