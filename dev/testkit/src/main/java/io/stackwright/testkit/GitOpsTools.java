package io.stackwright.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code dev/toolchain/gitops} provides: the judge, which asks the libraries of Flux and Argo CD what they see in an
 * object, and the CRDs of those tools.
 *
 * <p>The script runs once per JVM; it returns at once when the tools are in the cache.
 */
public final class GitOpsTools {

    private static final String SCRIPT = "dev/toolchain/gitops";

    private GitOpsTools() {}

    /** Folder with the CRDs of Argo CD's Application and Flux' Kustomization. */
    public static Path crds() {
        return Tools.FOLDER.resolve("crds");
    }

    /** Runs a command of the judge; see {@code dev/toolchain/gitops-judge/main.go}. */
    public static JsonNode judge(String command, Path first, List<Path> more) {
        List<String> line =
                new ArrayList<>(List.of(Tools.FOLDER.resolve("gitops-judge").toString(), command, first.toString()));
        more.forEach(file -> line.add(file.toString()));
        try {
            return new ObjectMapper().readTree(run(line));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exit = process.waitFor();
            if (exit != 0) {
                throw new IllegalStateException(command + " ended with exit code " + exit + "; see its messages");
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for " + command, e);
        }
    }

    /** Delays the script until a tool is asked for. */
    private static final class Tools {
        static final Path FOLDER = Path.of(
                run(List.of(Toolchain.root().resolve(SCRIPT).toString())).strip());
    }
}
