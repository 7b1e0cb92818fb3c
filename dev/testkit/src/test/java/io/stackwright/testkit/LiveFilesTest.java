package io.stackwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveFilesTest {

    @TempDir
    private Path folder;

    @Test
    void theyAreFoundWhileOthersComeAndGo() throws Exception {
        // given
        Path stays =
                Files.createFile(Files.createDirectories(folder.resolve("a/b")).resolve("stays"));
        try (ExecutorService others = Executors.newSingleThreadExecutor()) {
            Future<?> comeAndGo = others.submit(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    Path gone = Files.createDirectories(folder.resolve("work/of/a/run"));
                    Files.createFile(gone.resolve("file"));
                    Files.delete(gone.resolve("file"));
                    for (Path empty = gone; !empty.equals(folder); empty = empty.getParent()) {
                        Files.delete(empty);
                    }
                }
                return null;
            });
            // when, then
            for (int i = 0; i < 500; i++) {
                assertThat(LiveFiles.under(folder)).contains(stays);
            }
            assertThat(comeAndGo.isDone()).isFalse();
            comeAndGo.cancel(true);
        }
    }

    @Test
    void aFolderThatIsNotThereIsAFault() {
        assertThatThrownBy(() -> LiveFiles.under(folder.resolve("none"))).isInstanceOf(UncheckedIOException.class);
    }
}
