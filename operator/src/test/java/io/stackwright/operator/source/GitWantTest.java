package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stackwright.api.v1alpha1.GitSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GitWantTest {

    private static GitWant want(String branch, String tag, String commit) throws SourceException {
        return GitWant.of(new GitSource("https://host/x", branch, tag, commit, null, null, null));
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "., ''", "./, ''", "a/b, a/b", "./a//b/, a/b", "a b, a b", "..a, ..a"})
    void normalisesThePath(String path, String expected) throws SourceException {
        assertThat(GitWant.path(path)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"..", "../x", "../../..", "a/../../b", "a/..", "/etc", "a\\..\\b", ".git", "a/.GIT/b", "a\nb"})
    void refusesPathsThatLeave(String path) {
        assertThatThrownBy(() -> GitWant.path(path))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("spec.project.git.path");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--output=x",
                "-c core.sshCommand=x",
                "a..b",
                "a b",
                "a.lock",
                "a~1",
                "@{u}",
                "/a",
                "a/",
                "x^",
                "a:b"
            })
    void refusesNamesThatAreNoBranches(String name) {
        assertThatThrownBy(() -> want(name, null, null))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("branch");
        assertThatThrownBy(() -> want(null, name, null))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("tag");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "abc123",
                "HEAD",
                "3F1C3F1C3F1C3F1C3F1C3F1C3F1C3F1C3F1C3F1C",
                "3f1c3f1c3f1c3f1c3f1c3f1c3f1c3f1c3f1c3f1c3f1c3f1c3f1c3f1c3f1c3f1c"
            })
    void refusesCommitsThatAreNotAFullSha1(String commit) {
        assertThatThrownBy(() -> want(null, null, commit))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("40 hexadecimal digits");
    }

    @Test
    void refusesTwoSelectors() {
        assertThatThrownBy(() -> want("main", "v1", null)).hasMessageContaining("at most one");
    }
}
