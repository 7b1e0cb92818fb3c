package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.stack.decide.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileBackendsTest {

    @TempDir
    private Path folder;

    private Path data;

    @BeforeEach
    void makeFolders() throws IOException {
        folder = folder.toRealPath();
        data = Files.createDirectories(folder.resolve("data"));
        Files.createDirectories(data.resolve("work"));
        Files.createDirectories(data.resolve("state/b"));
        Files.createDirectories(folder.resolve("mine"));
        Files.createSymbolicLink(folder.resolve("mine/to-work"), data.resolve("work"));
        Files.createSymbolicLink(folder.resolve("mine/to-b"), Path.of("../data/state/b"));
        Files.createSymbolicLink(folder.resolve("mine/loop"), Path.of("loop"));
        Files.createSymbolicLink(folder.resolve("mine/here"), folder.resolve("mine"));
    }

    private Optional<Problem> problem(String url, String defaultUrl) {
        return new FileBackends(data, defaultUrl.replace("DATA", data.toString()))
                .problem("a", url.replace("DATA", data.toString()).replace("MINE", folder + "/mine"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file://DATA",
                "file://DATA/work",
                "file://DATA/work/",
                "file://DATA/git/new",
                "file://DATA/work?metadata=skip",
                "file://DATA/state/b",
                "file://DATA/state/b/deeper",
                "file://DATA/state",
                "file://DATA/state/a/../b",
                "file://DATA/state/a/%2e%2e/b",
                "file://DATA/x/../work",
                "file:///",
                "file://MINE/..",
                "file://MINE/to-work",
                "file://MINE/to-work/deeper",
                "file://MINE/to-b",
                "file://MINE/loop",
                "file://~",
                "file://~/state",
                "file://state",
                "file://.",
                "file://%zz"
            })
    void refusesWhatIsNotTheStacksOwn(String url) {
        assertThat(problem(url, "file://DATA/state/{namespace}")).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.InvalidSpec);
            assertThat(problem.message()).startsWith("spec.backend.url ").doesNotContain(folder.toString());
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file://DATA/state/a",
                "file://DATA/state/a/",
                "file://DATA/state/a/deeper",
                "file://DATA/state/a?metadata=skip",
                "file://DATA/state/b/../a",
                "file://MINE",
                "file://MINE/here",
                "file://MINE/not/yet",
                "file:///not/yet",
                "s3://bucket",
                "https://api.pulumi.com"
            })
    void allowsTheNamespacesOwnFolderAndFoldersOfNobody(String url) {
        assertThat(problem(url, "file://DATA/state/{namespace}")).isEmpty();
    }

    @Test
    void knowsTheTenantsOfADefaultBackendElsewhere() {
        String mine = "file://" + folder + "/mine/";
        assertThat(problem(mine + "a", mine + "{namespace}")).isEmpty();
        assertThat(problem(mine + "b", mine + "{namespace}")).isPresent();
        assertThat(problem(mine + "team-b/x", mine + "team-{namespace}/x")).isPresent();
        assertThat(problem(mine + "team-a/x", mine + "team-{namespace}/x")).isEmpty();
        // one folder for all is for all
        assertThat(problem("file://DATA/shared", "file://DATA/shared")).isEmpty();
        assertThat(problem("file://DATA/work", "file://DATA/shared")).isPresent();
        // a backend that is no folder has no tenants' folders
        assertThat(problem("file://DATA/work", "s3://bucket/{namespace}")).isPresent();
        assertThat(problem(mine + "b", "s3://bucket/{namespace}")).isEmpty();
    }
}
