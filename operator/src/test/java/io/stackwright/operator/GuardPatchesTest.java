package io.stackwright.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The patches of {@code dev/guards}, each of which takes a guard out, still fit the code. */
class GuardPatchesTest {

    private static final Path FOLDER = Toolchain.root().resolve("dev/guards");

    static List<Path> patches() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".patch"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void thereAreSome() throws IOException {
        assertThat(patches()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("patches")
    void applies(Path patch) throws Exception {
        assertThat(Files.readAllLines(patch))
                .anyMatch(line -> line.startsWith("Guard: "))
                .anyMatch(line -> line.matches("(Tests|ITs): .+"));

        Process git = new ProcessBuilder("git", "apply", "--check", patch.toString())
                .directory(Toolchain.root().toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(git.waitFor()).as(said).isZero();
    }
}
