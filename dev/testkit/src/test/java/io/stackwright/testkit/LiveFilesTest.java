package io.stackwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> others = CompletableFuture.runAsync(() -> comeAndGo(over));
        try {
            // when, then
            for (int i = 0; i < 500; i++) {
                assertThat(LiveFiles.under(folder)).contains(stays);
            }
            assertThat(others).isNotDone();
        } finally {
            over.set(true);
        }
        others.get(10, TimeUnit.SECONDS);
    }

    private void comeAndGo(AtomicBoolean over) {
        try {
            while (!over.get()) {
                Path run = Files.createDirectories(folder.resolve("work/of/a/run"));
                Files.createFile(run.resolve("file"));
                Files.delete(run.resolve("file"));
                for (Path empty = run; !empty.equals(folder); empty = empty.getParent()) {
                    Files.delete(empty);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aFolderThatIsNotThereIsAFault() {
        assertThatThrownBy(() -> LiveFiles.under(folder.resolve("none"))).isInstanceOf(UncheckedIOException.class);
    }
}
