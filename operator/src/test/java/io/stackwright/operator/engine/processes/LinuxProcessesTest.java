package io.stackwright.operator.engine.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
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
    void whatCannotBeReadIsNotDead() throws IOException {
        // given one that lives, and one whose file gives an error as it does for want of file descriptors
        Files.writeString(Files.createDirectory(folder.resolve("12")).resolve("stat"), "12 (a) S" + TAIL);
        Files.createDirectories(folder.resolve("13/stat"));
        Files.createSymbolicLink(folder.resolve("13/environ"), Path.of("environ"));
        LinuxProcesses processes = new LinuxProcesses(folder);

        // when, then
        assertThat(processes.find(12)).isPresent();
        assertThat(processes.find(14)).isEmpty();
        assertThatThrownBy(() -> processes.find(13)).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(() -> processes.session(7)).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(() -> processes.environment(13)).isInstanceOf(UncheckedIOException.class);
        assertThat(processes.environment(14)).isEmpty();
    }

    @Test
    void withoutAListOfProcessesNothingIsSaidOfAny() throws IOException {
        assertThat(new LinuxProcesses(folder.resolve("none")).all()).isEmpty();
        Path file = Files.createFile(folder.resolve("proc"));
        assertThatThrownBy(() -> new LinuxProcesses(file).all()).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void scopeAndHostAreReadOnce() throws IOException {
        // given
        Path boot = Files.createDirectories(folder.resolve("sys/kernel/random")).resolve("boot_id");
        Path host = folder.resolve("sys/kernel/hostname");
        Files.createDirectories(folder.resolve("self/ns"));
        Files.createSymbolicLink(folder.resolve("self/ns/pid"), Path.of("pid:[7]"));
        LinuxProcesses processes = new LinuxProcesses(folder);
        Files.createDirectory(boot);
        Files.createDirectory(host);

        // when they cannot be read, then nothing is made up
        assertThatThrownBy(processes::scope).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(processes::hostName).isInstanceOf(UncheckedIOException.class);

        // when they can, then that holds
        Files.delete(boot);
        Files.delete(host);
        Files.writeString(boot, "b\n");
        Files.writeString(host, "h\n");
        assertThat(processes.scope()).isEqualTo("b pid:[7]");
        assertThat(processes.hostName()).isEqualTo("h");
        Files.delete(boot);
        Files.delete(host);
        assertThat(processes.scope()).isEqualTo("b pid:[7]");
        assertThat(processes.hostName()).isEqualTo("h");
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
