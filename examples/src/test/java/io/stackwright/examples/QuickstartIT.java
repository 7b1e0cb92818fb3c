package io.stackwright.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code dev/quickstart} as a newcomer does. */
class QuickstartIT {

    @TempDir
    private Path temporary;

    private Process quickstart;
    private Path said;

    @AfterEach
    void endTheProcess() {
        quickstart.descendants().forEach(ProcessHandle::destroyForcibly);
        quickstart.destroyForcibly();
    }

    @Test
    void onceShowsAReadyStackAndLeavesNothingBehind() throws Exception {
        // when
        start("--once");

        // then
        assertThat(quickstart.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(quickstart.exitValue()).as(output()).isZero();
        assertThat(output())
                .contains("hello  Ready=True  Applied")
                .contains("{\"message\":\"hello, world\",\"names\":[\"world\",\"moon\"]}")
                .contains("[\"whisper\"]")
                .containsPattern("Ready \\d+\\.\\d s after the start")
                .doesNotContain("hello, moon");
        assertNothingIsLeft();
    }

    @Test
    void aSignalTakesEverythingDown() throws Exception {
        // given
        start();
        await().atMost(Duration.ofMinutes(5))
                .untilAsserted(() -> assertThat(output()).contains("The log of the operator"));
        assertThat(processes()).isNotEmpty();

        // when
        quickstart.destroy();

        // then
        assertThat(quickstart.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(output()).contains("1 deleted, with what they created");
        assertThat(quickstart.exitValue()).as(output()).isEqualTo(143);
        assertNothingIsLeft();
    }

    private void start(String... options) throws IOException {
        said = temporary.resolve("said");
        Path scratch = Files.createDirectory(temporary.resolve("scratch"));
        ProcessBuilder builder =
                new ProcessBuilder(Toolchain.root().resolve("dev/quickstart").toString());
        builder.command().addAll(List.of(options));
        builder.environment().put("TMPDIR", scratch.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        quickstart = builder.redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
    }

    private String output() throws IOException {
        return Files.readString(said);
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(processes()).isEmpty();
        try (Stream<Path> files = Files.list(temporary.resolve("scratch"))) {
            assertThat(files).isEmpty();
        }
    }

    /** Everything that the quickstart starts has a path of its scratch folder on its command line. */
    private List<String> processes() {
        String scratch = temporary.resolve("scratch").toString();
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(command -> command.contains(scratch))
                .toList();
    }
}
