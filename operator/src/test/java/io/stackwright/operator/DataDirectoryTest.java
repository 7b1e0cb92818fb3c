package io.stackwright.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

    @TempDir
    private Path folder;

    @Test
    void itIsMadeForItsOwnerAlone() throws IOException {
        // when
        DataDirectory.take(folder.resolve("data")).close();

        // then
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data"))))
                .isEqualTo("rwx------");
    }

    @Test
    void oneHoldsItAtATime() {
        // given
        DataDirectory first = DataDirectory.take(folder);

        // when, then
        assertThatThrownBy(() -> DataDirectory.take(folder))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("--data-dir");

        // when
        first.close();

        // then
        DataDirectory.take(folder).close();
    }

    @Test
    void whatIsNoDirectoryIsNamed() throws IOException {
        // given
        Path file = Files.createFile(folder.resolve("file"));

        // when, then
        assertThatThrownBy(() -> DataDirectory.take(file.resolve("data")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(file.toString());
    }
}
