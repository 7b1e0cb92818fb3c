package io.stackwright.operator.engine.processes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessRecordTest {

    @TempDir
    private Path folder;

    @Test
    void whatIsRecordedGoesBeforeTheOperatorWhenMemoryIsScarce() throws Exception {
        // given
        ProcessRecord record = new ProcessRecord(folder.resolve("processes"));

        // when the command and what it starts say how the kernel sees them
        Process process = new ProcessBuilder(record.recorded(
                        List.of("/bin/sh", "-c", "cat /proc/self/oom_score_adj; echo $(cat /proc/self/oom_score_adj)")))
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        // then
        assertThat(process.waitFor()).isZero();
        assertThat(said).isEqualTo("1000\n1000\n");
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(record.read())
                .singleElement()
                .satisfies(recorded -> assertThat(recorded.pid()).isEqualTo(process.pid()));
    }

    @Test
    void withoutARecordNothingIsRun() throws Exception {
        // given
        ProcessRecord record = new ProcessRecord(folder.resolve("nowhere/processes"));

        // when
        Process process = new ProcessBuilder(record.recorded(List.of("/bin/echo", "ran"))).start();

        // then
        assertThat(process.waitFor()).isEqualTo(125);
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
    }
}
