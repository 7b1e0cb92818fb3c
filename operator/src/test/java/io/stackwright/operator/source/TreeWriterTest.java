package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stackwright.api.v1alpha1.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;
import org.eclipse.jgit.internal.storage.dfs.InMemoryRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.TreeFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees that no honest Git makes. */
class TreeWriterTest {

    private static final int MAX_BYTES = 1000;

    @TempDir
    Path temp;

    private final InMemoryRepository repository = new InMemoryRepository(new DfsRepositoryDescription("test"));
    private final ObjectInserter inserter = repository.newObjectInserter();

    private ObjectId blob(String content) throws IOException {
        return inserter.insert(Constants.OBJ_BLOB, content.getBytes(StandardCharsets.UTF_8));
    }

    private ObjectId tree(Entry... entries) throws IOException {
        TreeFormatter tree = new TreeFormatter();
        for (Entry entry : entries) {
            tree.append(entry.name().getBytes(StandardCharsets.UTF_8), entry.mode(), entry.id());
        }
        ObjectId id = inserter.insert(tree);
        inserter.flush();
        return id;
    }

    private record Entry(FileMode mode, String name, ObjectId id) {}

    private void write(ObjectId tree) throws IOException, SourceException {
        new TreeWriter(repository.newObjectReader(), MAX_BYTES, 10).write(tree, temp.resolve("target"));
    }

    private String refusal(ObjectId tree) throws IOException {
        SourceException e = catchThrowableOfType(SourceException.class, () -> write(tree));
        assertThat(e).isNotNull();
        assertThat(e.reason()).isEqualTo(Reason.SourceInvalid);
        assertThat(temp.resolve("escaped")).doesNotExist();
        try (Stream<Path> files = Files.list(temp)) {
            assertThat(files).allMatch(file -> file.endsWith("target"));
        }
        return e.getMessage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "../escaped", "a/b", "/escaped", ".git", ".GIT", "a/../../escaped"})
    void refusesNames(String name) throws IOException {
        assertThat(refusal(tree(new Entry(FileMode.REGULAR_FILE, name, blob("x")))))
                .contains("illegal file name");
    }

    @Test
    void refusesDirectoriesThatLeave() throws IOException {
        // given
        ObjectId inner = tree(new Entry(FileMode.REGULAR_FILE, "escaped", blob("x")));

        // then
        assertThat(refusal(tree(new Entry(FileMode.TREE, "..", inner)))).contains("illegal file name");
    }

    @Test
    void writesNothingThroughALink() throws IOException {
        // given: a link, and a directory of the same name
        ObjectId inner = tree(new Entry(FileMode.REGULAR_FILE, "escaped", blob("x")));
        ObjectId tree = tree(new Entry(FileMode.SYMLINK, "a", blob("b")), new Entry(FileMode.TREE, "a", inner));

        // then
        assertThat(refusal(tree)).contains("two entries of one name");
    }

    @Test
    void refusesTwoFilesOfOneName() throws IOException {
        ObjectId tree = tree(
                new Entry(FileMode.REGULAR_FILE, "a", blob("1")), new Entry(FileMode.REGULAR_FILE, "a", blob("2")));
        assertThat(refusal(tree)).contains("two entries of one name");
    }

    @Test
    void boundsBytesAndEntries() throws IOException {
        ObjectId half = blob("x".repeat(MAX_BYTES / 2 + 1));
        assertThat(refusal(
                        tree(new Entry(FileMode.REGULAR_FILE, "a", half), new Entry(FileMode.REGULAR_FILE, "b", half))))
                .contains("larger than the 1000 bytes");
    }

    @Test
    void boundsEntriesOfTreesThatRepeatThemselves() throws IOException {
        // given: 2^30 files in 31 objects
        ObjectId level = tree(new Entry(FileMode.REGULAR_FILE, "a", blob("")));
        for (int i = 0; i < 30; i++) {
            level = tree(new Entry(FileMode.TREE, "a", level), new Entry(FileMode.TREE, "b", level));
        }

        // then
        assertThat(refusal(level)).contains("more than 10 files");
    }

    /** A walk has all directories in memory that it is in. */
    @Test
    void boundsDirectoriesHoweverFewEntriesAreSeenOfThem() throws IOException {
        // given: each has its subdirectory first
        ObjectId level = tree(new Entry(FileMode.REGULAR_FILE, "a", blob("")));
        for (int i = 0; i < 3; i++) {
            level = tree(
                    new Entry(FileMode.TREE, "a", level),
                    new Entry(FileMode.REGULAR_FILE, "b".repeat(3 << 20), blob("")));
        }

        // then
        assertThat(refusal(level)).contains("directories of more than");
    }

    @Test
    void refusesADirectoryThatIsTooLarge() throws IOException {
        ObjectId large = tree(new Entry(FileMode.REGULAR_FILE, "b".repeat(4 << 20), blob("")));
        assertThat(refusal(tree(new Entry(FileMode.TREE, "a", large)))).contains("one of more than 4194304 bytes");
    }

    @Test
    void refusesLinksThatLeave() throws IOException {
        assertThat(refusal(tree(new Entry(FileMode.SYMLINK, "a", blob("../escaped")))))
                .contains("symbolic link", ": a");
    }

    @Test
    void keepsLinksInsideAndTheExecutableBitAndSkipsSubmodules() throws Exception {
        // given
        ObjectId tree = tree(
                new Entry(FileMode.EXECUTABLE_FILE, "run", blob("#!/bin/sh")),
                new Entry(FileMode.SYMLINK, "same", blob("run")),
                new Entry(FileMode.GITLINK, "module", ObjectId.fromString("1".repeat(40))));

        // when
        write(tree);

        // then
        Path target = temp.resolve("target");
        assertThat(target.resolve("run")).isExecutable();
        assertThat(Files.readSymbolicLink(target.resolve("same"))).isEqualTo(Path.of("run"));
        assertThat(target.resolve("module")).isEmptyDirectory();
    }
}
