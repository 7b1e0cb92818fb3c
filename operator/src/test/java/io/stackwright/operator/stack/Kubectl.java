package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The real kubectl on the shared control plane. */
final class Kubectl {

    private Kubectl() {}

    /** Runs a command that must succeed; answers with what it said. */
    static String run(String namespace, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Toolchain.kubectl().toString(),
                "--kubeconfig",
                ControlPlane.shared().kubeconfig().toString(),
                "-n",
                namespace));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor())
                    .as("%s: %s", String.join(" ", arguments), said)
                    .isZero();
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
