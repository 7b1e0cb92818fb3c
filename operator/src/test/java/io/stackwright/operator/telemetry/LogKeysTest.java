package io.stackwright.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LogKeysTest {

    private static final Pattern ADDED = Pattern.compile("addKeyValue\\(\\s*\"(\\w+)\"");
    private static final Pattern DOCUMENTED = Pattern.compile("^\\| `(\\w+)` \\|", Pattern.MULTILINE);

    @Test
    void theKeysThatAreLoggedAreThoseThatAreDocumented() throws IOException {
        // given
        Set<String> logged = new TreeSet<>(Set.of("namespace", "stack", "update"));
        try (Stream<Path> files =
                Files.walk(Toolchain.root().resolve("operator/src/main/java")).filter(Files::isRegularFile)) {
            files.forEach(file -> find(ADDED, read(file), logged));
        }

        // when
        Set<String> documented = new TreeSet<>();
        find(DOCUMENTED, Files.readString(Toolchain.root().resolve("docs/reference/logs.md")), documented);

        // then
        assertThat(documented).isEqualTo(logged);
    }

    private static void find(Pattern pattern, String text, Set<String> found) {
        pattern.matcher(text).results().forEach(m -> found.add(m.group(1)));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
