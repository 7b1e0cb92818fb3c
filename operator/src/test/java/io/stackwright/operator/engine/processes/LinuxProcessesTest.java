package io.stackwright.operator.engine.processes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinuxProcessesTest {

    private static final String TAIL = " 1 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4711 1 1";

    @TempDir
    Path folder;

    @Test
    void aNameMayHoldAnything() {
        assertThat(LinuxProcesses.parse("12 (a) R (b) S" + TAIL)).contains(new LinuxProcesses.Seen(12, 7, 4711));
    }

    @ParameterizedTest
    @ValueSource(strings = {"12 (a) Z", "12 (a) X"})
    void whatOnlyWaitsToBeReapedIsDead(String begin) {
        assertThat(LinuxProcesses.parse(begin + TAIL)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "12", "12 (a", "12 (a) S 1 7"})
    void aTornLineIsNobody(String line) {
        assertThat(LinuxProcesses.parse(line)).isEmpty();
    }

    @Test
    void aProcessIsWrittenDownBeforeItIsTheCommandAndStaysTheSame() throws Exception {
        // given
        ProcessRecord record = new ProcessRecord(folder.resolve("processes"));

        // when
        Process process = new ProcessBuilder(record.recorded(java.util.List.of("cat"))).start();
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        process.getInputStream().read();

        // then
        LinuxProcesses.Seen seen = new LinuxProcesses().find(process.pid()).orElseThrow();
        assertThat(record.read())
                .singleElement()
                .returns(process.pid(), ProcessRecord.Recorded::pid)
                .returns(seen.startTicks(), ProcessRecord.Recorded::startTicks);
        process.destroyForcibly();
    }

    @Test
    void whatCannotBeWrittenDownDoesNotRun() throws Exception {
        // given a folder that has been taken away
        ProcessRecord record = new ProcessRecord(folder.resolve("gone/processes"));

        // when
        Process process = new ProcessBuilder(record.recorded(
                        java.util.List.of("touch", folder.resolve("ran").toString())))
                .start();

        // then
        assertThat(process.waitFor()).isEqualTo(125);
        assertThat(folder.resolve("ran")).doesNotExist();
    }

    @Test
    void aRequestToStopIsRememberedInWhateverOrderItWasWritten() throws IOException {
        // given
        Path file = folder.resolve("processes");
        ProcessRecord record = new ProcessRecord(file);
        Instant at = Instant.parse("2026-01-01T00:00:00Z");

        // when
        record.ask(12, at);
        Files.writeString(file, Files.readString(file) + "12 (sh) S" + TAIL + "\n13 (sh) S" + TAIL + "\nasked 13");

        // then
        assertThat(record.read())
                .extracting(ProcessRecord.Recorded::asked)
                .containsExactly(java.util.Optional.of(at), java.util.Optional.empty());
    }
}
