package io.stackwright.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process itself, as it is started. */
class OperatorStartIT {

    @TempDir
    private Path folder;

    @Test
    void anOldCliIsRefusedInOneLine() throws Exception {
        // given
        ControlPlane plane = ControlPlane.shared();
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
        Path old = RecordingCli.script(folder.resolve("old-pulumi"), "#!/bin/sh\necho v3.249.9\n");

        // when
        Process process = start(plane.createNamespace("start"), old);

        // then
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(Files.readAllLines(folder.resolve("log")))
                .noneMatch(line -> line.startsWith("\tat "))
                .filteredOn(line -> line.contains("ERROR"))
                .singleElement()
                .asString()
                .contains("cannot start", "Pulumi CLI 3.249.9 is too old: 3.250.0 or newer is needed");
    }

    private Process start(String namespace, Path pulumi) throws Exception {
        ProcessBuilder builder = JavaProcess.builder(
                ChildOperator.class,
                "--data-dir=" + folder.resolve("data"),
                "--operator-namespace=" + namespace,
                "--watch-namespaces=" + namespace,
                "--backend-url=file://" + folder.resolve("state"),
                "--pulumi=" + pulumi,
                "--http-port=0",
                "--log-format=text");
        Files.createDirectories(folder.resolve("state"));
        builder.environment()
                .put("KUBECONFIG", ControlPlane.shared().kubeconfig().toString());
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }
}
