package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendHistoryTest {

    private static final StackIdentity PROD = new StackIdentity("organization", "shop", "prod", "unused", false);

    @TempDir
    private Path root;

    @Test
    void theNewestAreKeptWhole() throws IOException {
        // given
        for (long n = 0; n < 30; n++) {
            long time = 1795470630632032500L + n;
            for (String end : List.of(".history.json", ".history.json.attrs", ".checkpoint.json.gz")) {
                write("history/shop/prod/prod-" + time + end);
            }
            write("backups/shop/prod/prod." + time + ".json");
        }
        write("history/shop/prod/a-note.txt");
        write("history/shop/other/other-1795470630632032500.history.json");

        // when
        BackendHistory.prune("file://" + root + "?no_tmp_dir=true", PROD);

        // then
        assertThat(files("history/shop/prod"))
                .hasSize(BackendHistory.KEPT * 3 + 1)
                .contains("a-note.txt", "prod-1795470630632032510.history.json")
                .doesNotContain("prod-1795470630632032509.history.json");
        assertThat(files("backups/shop/prod"))
                .hasSize(BackendHistory.KEPT)
                .contains("prod.1795470630632032510.json", "prod.1795470630632032529.json");
        assertThat(files("history/shop/other")).hasSize(1);
    }

    /** Names are what anybody has written there: a time of 20 digits is no number of Java's. */
    @Test
    void aNumberThatIsTooLargeIsLeft() throws IOException {
        // given
        for (long n = 0; n < BackendHistory.KEPT + 1; n++) {
            write("backups/shop/prod/prod." + (1795470630632032500L + n) + ".json");
        }
        write("backups/shop/prod/prod.20260101120000000000.json");
        write("backups/shop/prod/prod.9999999999999999999.json");

        // when
        BackendHistory.prune("file://" + root, PROD);

        // then
        assertThat(files("backups/shop/prod"))
                .hasSize(BackendHistory.KEPT + 2)
                .contains("prod.20260101120000000000.json", "prod.9999999999999999999.json")
                .doesNotContain("prod.1795470630632032500.json");
    }

    @Test
    void whatCannotBeTidiedIsNoFailureOfTheRun() {
        // given
        StackIdentity unusable = new StackIdentity("organization", "shop", "pr\0d", "unused", false);

        // then
        assertThatCode(() -> BackendHistory.prune("file://" + root, unusable)).doesNotThrowAnyException();
    }

    @Test
    void aRemovedStackLeavesNothing() throws IOException {
        // given
        write("backups/shop/prod/prod.1795470630632032500.json");
        write("stacks/shop/prod.json.bak");
        write("stacks/shop/prod.json.bak.attrs");
        write("stacks/shop/prod.json.18eca03049131c60.tmp");
        write("stacks/shop/prod.pulumi-tags.attrs");
        write("history/shop/prod/prod-1795470630632032500.checkpoint.json.attrs");
        write("stacks/shop/other.json");
        write("stacks/shop/prod.other.json.bak");

        // when
        BackendHistory.forget(new StackIdentity("organization", "shop", "prod", "file://" + root, false));

        // then
        assertThat(root.resolve(".pulumi/backups/shop/prod")).doesNotExist();
        assertThat(root.resolve(".pulumi/history/shop/prod")).doesNotExist();
        assertThat(files("stacks/shop")).containsExactlyInAnyOrder("other.json", "prod.other.json.bak");
    }

    @Test
    void aStackThatSomebodyHasMadeAnewIsLeftAsItIs() throws IOException {
        // given
        write("history/shop/prod/prod-1795470630632032500.history.json");
        write("stacks/shop/prod.json");
        write("stacks/shop/prod.json.bak");

        // when
        BackendHistory.forget(new StackIdentity("organization", "shop", "prod", "file://" + root, false));

        // then
        assertThat(files("history/shop/prod")).hasSize(1);
        assertThat(files("stacks/shop")).containsExactlyInAnyOrder("prod.json", "prod.json.bak");
    }

    @Test
    void otherBackendsAreNoFolders() throws IOException {
        // given
        int files = BackendHistory.KEPT + 5;
        for (long n = 0; n < files; n++) {
            write("history/shop/prod/prod-" + (1795470630632032500L + n) + ".history.json");
        }

        // when
        BackendHistory.prune("s3://" + root, PROD);
        BackendHistory.forget(new StackIdentity("organization", "shop", "prod", "s3://" + root, false));

        // then
        assertThat(files("history/shop/prod")).hasSize(files);
    }

    private void write(String path) throws IOException {
        Path file = root.resolve(".pulumi").resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "{}");
    }

    private List<String> files(String folder) throws IOException {
        try (Stream<Path> files = Files.list(root.resolve(".pulumi").resolve(folder))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
