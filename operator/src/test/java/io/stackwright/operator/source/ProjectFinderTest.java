package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stackwright.api.v1alpha1.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;
import org.eclipse.jgit.internal.storage.dfs.InMemoryRepository;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.TreeFormatter;
import org.junit.jupiter.api.Test;

class ProjectFinderTest {

    private final InMemoryRepository repository = new InMemoryRepository(new DfsRepositoryDescription("test"));
    private final ObjectInserter inserter = repository.newObjectInserter();
    private final Opened reader = new Opened(repository.newObjectReader());
    private final ProjectFinder finder = new ProjectFinder(reader);

    @Test
    void findsAProjectHoweverDeepItLies() throws Exception {
        // given
        ObjectId project = tree(FileMode.REGULAR_FILE, "Pulumi.yaml", blob(SourceFixture.PROJECT));
        ObjectId root = project;
        for (int i = 0; i < 100; i++) {
            root = tree(FileMode.TREE, "d", root);
        }
        ObjectId commit = commit(root, "change");

        // when
        GitCache.Located located = finder.find(finder.root(commit), "d/".repeat(99) + "d");

        // then
        assertThat(located.digest()).isEqualTo("git-tree:" + project.name());
        assertThat(located.file().name()).isEqualTo("shop");
    }

    /** Whoever opens it has all of it in memory. */
    @Test
    void aFileThatIsTooLargeIsRefusedUnopened() throws IOException {
        // given
        ObjectId file = blob("#".repeat(ProjectFile.MAX_BYTES + 1));
        ObjectId root = tree(FileMode.REGULAR_FILE, "Pulumi.yaml", file);

        // when
        SourceException e = catchThrowableOfType(SourceException.class, () -> finder.find(root, ""));

        // then
        assertThat(e.reason()).isEqualTo(Reason.SourceInvalid);
        assertThat(e).hasMessage("Pulumi.yaml is larger than 1 MiB");
        assertThat(reader.opened).doesNotContain(file);
    }

    @Test
    void aDirectoryOrCommitThatIsTooLargeIsRefusedUnopened() throws IOException {
        // given
        ObjectId large = tree(FileMode.REGULAR_FILE, "b".repeat(PackLimits.STRUCTURE), blob(""));
        ObjectId root = tree(FileMode.TREE, "d", large);
        ObjectId commit = commit(root, "c".repeat(PackLimits.STRUCTURE));

        // when
        SourceException directory = catchThrowableOfType(SourceException.class, () -> finder.find(root, "d"));
        SourceException message = catchThrowableOfType(SourceException.class, () -> finder.root(commit));

        // then
        assertThat(directory.reason()).isEqualTo(Reason.SourceInvalid);
        assertThat(directory)
                .hasMessage("a directory of the repository takes more than the 4194304 bytes that the"
                        + " operator accepts");
        assertThat(message.reason()).isEqualTo(Reason.SourceInvalid);
        assertThat(message).hasMessageStartingWith("the commit " + commit.name() + " takes more than");
        assertThat(reader.opened).containsExactly(root);
    }

    private ObjectId blob(String content) throws IOException {
        return inserter.insert(Constants.OBJ_BLOB, content.getBytes(StandardCharsets.UTF_8));
    }

    private ObjectId tree(FileMode mode, String name, ObjectId entry) throws IOException {
        TreeFormatter tree = new TreeFormatter();
        tree.append(name.getBytes(StandardCharsets.UTF_8), mode, entry);
        ObjectId id = inserter.insert(tree);
        inserter.flush();
        return id;
    }

    private ObjectId commit(ObjectId tree, String message) throws IOException {
        CommitBuilder commit = new CommitBuilder();
        commit.setTreeId(tree);
        commit.setAuthor(new PersonIdent("a", "a@example.org"));
        commit.setCommitter(commit.getAuthor());
        commit.setMessage(message);
        ObjectId id = inserter.insert(commit);
        inserter.flush();
        return id;
    }

    /** Writes down what is opened. */
    private static final class Opened extends ObjectReader.Filter {

        private final ObjectReader reader;
        private final List<ObjectId> opened = new ArrayList<>();

        Opened(ObjectReader reader) {
            this.reader = reader;
        }

        @Override
        protected ObjectReader delegate() {
            return reader;
        }

        @Override
        public ObjectLoader open(AnyObjectId id) throws IOException {
            return open(id, OBJ_ANY);
        }

        @Override
        public ObjectLoader open(AnyObjectId id, int type) throws IOException {
            opened.add(id.copy());
            return super.open(id, type);
        }
    }
}
