package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {

    @TempDir
    private Path folder;

    @Test
    void killsWhatBelongsToTheRunAndNothingElse() throws Exception {
        // given
        Process ours = start("PULUMI_HOME", folder.resolve("run-1/pulumi").toString());
        Process another = start("PULUMI_HOME", folder.resolve("run-11/pulumi").toString());
        Process mention = start("OTHER", "PULUMI_HOME=" + folder.resolve("run-1/pulumi"));

        // when
        new Leftovers(folder.resolve("run-1/pulumi")).kill();

        // then
        try {
            assertThat(ours.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(ours.exitValue()).isEqualTo(128 + 9);
            assertThat(another.isAlive()).isTrue();
            assertThat(mention.isAlive()).isTrue();
        } finally {
            another.destroyForcibly();
            mention.destroyForcibly();
        }
    }

    @Test
    void theEndOfARunsFolderIsTheEndOfWhatBelongsToIt() throws Exception {
        // given
        RunFolder run = RunFolder.create(folder.resolve("run-2"), folder.resolve("plugins"), Optional.empty());
        Process ours = start("PULUMI_HOME", run.pulumiHome().toString());

        // when
        run.close();

        // then
        try {
            assertThat(ours.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            ours.destroyForcibly();
        }
        assertThat(folder.resolve("run-2")).doesNotExist();
    }

    @Test
    void theFolderOfARunOfADeadOperatorGoesWithWhatBelongsToIt() throws Exception {
        // given
        RunPaths paths = new RunPaths(folder.resolve("data"));
        RunFolder run = RunFolder.create(paths.work("dead"), folder.resolve("plugins"), Optional.empty());
        RunFolder waited = RunFolder.create(paths.work("lives"), folder.resolve("plugins"), Optional.empty());
        Process ours = start("PULUMI_HOME", run.pulumiHome().toString());
        Process another = start("PULUMI_HOME", waited.pulumiHome().toString());

        // when
        paths.deleteWork(Set.of("lives"));

        // then
        try {
            assertThat(ours.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(another.isAlive()).isTrue();
        } finally {
            ours.destroyForcibly();
            another.destroyForcibly();
        }
        assertThat(paths.work("dead")).doesNotExist();
        assertThat(paths.work("lives")).exists();
    }

    private static Process start(String name, String value) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", "trap '' TERM; read line");
        builder.environment().put(name, value);
        Process process = builder.start();
        // Only once it is itself does it have its environment.
        while (!process.info().command().orElse("").endsWith("sh")
                && process.isAlive()
                && !process.info().command().orElse("").endsWith("dash")) {
            Thread.onSpinWait();
        }
        return process;
    }
}
