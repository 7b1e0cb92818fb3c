package io.stackwright.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The real kubectl, as the READMEs use it: from the root of the repository, on one namespace. */
final class Kubectl {

    private final Path folder;
    private final String namespace;

    Kubectl(Path folder, String namespace) {
        this.folder = folder;
        this.namespace = namespace;
    }

    /** Runs a command that must succeed; returns what it printed. */
    String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Toolchain.kubectl().toString(),
                "--kubeconfig",
                ControlPlane.shared().kubeconfig().toString(),
                "--namespace",
                namespace));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor())
                    .as("kubectl %s: %s", String.join(" ", arguments), output)
                    .isZero();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** As a README says it: {@code kubectl wait --for=condition=… --timeout=5m}. */
    void await(String condition, String... objects) {
        List<String> arguments = new ArrayList<>(List.of("wait", "--for=condition=" + condition, "--timeout=5m"));
        arguments.addAll(List.of(objects));
        run(arguments.toArray(String[]::new));
    }

    /** A field of an object, as JSONPath prints it. */
    String get(String object, String jsonPath) {
        return run("get", object, "-o", "jsonpath={" + jsonPath + "}");
    }
}
