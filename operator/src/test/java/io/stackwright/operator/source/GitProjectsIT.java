package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.GitSource;
import io.stackwright.api.v1alpha1.LocalRef;
import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.testkit.GitServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of a repository is meant, and that exactly it is fetched; from a real Git server. */
class GitProjectsIT {

    private static GitServer server;

    @TempDir
    Path temp;

    private final SourceFixture references = new SourceFixture();
    private final List<StackKey> woken = new CopyOnWriteArrayList<>();
    private final List<String> fetches = new CopyOnWriteArrayList<>();
    private ProjectSources sources;

    @BeforeAll
    static void startServer() {
        server = GitServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void openSources() {
        references.secret("ca", Map.of("ca.crt", server.certificate()));
        sources = new ProjectSources(
                SourceFixture.settings(
                        temp.resolve("data"), Set.of(server.hostAndPort()), Duration.ofSeconds(20), 10 << 20),
                references,
                Clock.systemUTC(),
                woken::add,
                (kind, succeeded, took) -> fetches.add(kind + " " + succeeded));
    }

    @AfterEach
    void closeSources() {
        sources.close();
        server.answer(GitServer.Answer.NORMAL);
    }

    private SourceState settled(StackKey stack, ProjectSource project) {
        return await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> sources.resolve(stack, project, Optional.empty()),
                        state -> !(state instanceof SourceState.Pending));
    }

    private SourceState.Resolved resolved(StackKey stack, ProjectSource project) {
        SourceState state = settled(stack, project);
        assertThat(state).isInstanceOf(SourceState.Resolved.class);
        return (SourceState.Resolved) state;
    }

    @Test
    void aSourceWithoutAnIntervalIsLookedAtOnceAMinute() throws SourceException {
        // given
        server.create("minutely").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        ManualTime time = new ManualTime();
        GitSource source = new GitSource(server.url("minutely"), null, null, null, null, new LocalRef("ca"), null);
        try (GitProjects projects = new GitProjects(
                SourceFixture.settings(
                        temp.resolve("minutely"), Set.of(server.hostAndPort()), Duration.ofSeconds(20), 10 << 20),
                references,
                GitProjects.timer(),
                time,
                woken::add,
                (kind, succeeded, took) -> {})) {
            projects.resolve(SourceFixture.STACK, source, Optional.empty());
            server.forgetRequests();
            time.advance(Duration.ZERO);
            await().atMost(Duration.ofSeconds(60)).until(() -> !time.delays().isEmpty());
            assertThat(server.listings()).isEqualTo(1);

            // when, then: a minute, and a tenth of it more or less
            assertThat(time.delays())
                    .singleElement()
                    .satisfies(delay -> assertThat(delay).isBetween(Duration.ofSeconds(54), Duration.ofSeconds(66)));
            time.advance(Duration.ofSeconds(66));
            await().atMost(Duration.ofSeconds(60)).until(() -> server.listings() == 2);
        }
    }

    @Test
    void followsTheRemoteHeadAndWakesTheStack() throws Exception {
        // given
        GitServer.Repository repository = server.create("head");
        String commit = repository.commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT, "dir/file.txt", "content"));
        ProjectSource project = SourceFixture.git(server.url("head"), null, null, null, null, "ca");

        // when
        SourceState first = sources.resolve(SourceFixture.STACK, project, Optional.empty());

        // then
        assertThat(first).isInstanceOf(SourceState.Pending.class);
        SourceState.Resolved state = resolved(SourceFixture.STACK, project);
        assertThat(state.revision().revision()).isEqualTo("main@sha1:" + commit);
        assertThat(state.revision().projectName()).isEqualTo("shop");
        assertThat(state.revision().runtime()).isEqualTo("yaml");
        assertThat(woken).containsExactly(SourceFixture.STACK);
        assertThat(fetches).isNotEmpty().containsOnly("Git true");

        // and
        Path directory = sources.fetch(SourceFixture.STACK, project, state.revision(), temp.resolve("workspace"));
        assertThat(directory.resolve("Pulumi.yaml")).hasContent(SourceFixture.PROJECT);
        assertThat(directory.resolve("dir/file.txt")).hasContent("content");
        assertThat(Files.exists(directory.resolve(".git"))).isFalse();
    }

    private SourceState.Unresolved unresolved(ProjectSource project, Reason reason) {
        SourceState state = settled(SourceFixture.STACK, project);
        assertThat(state).isInstanceOf(SourceState.Unresolved.class);
        SourceState.Unresolved refused = (SourceState.Unresolved) state;
        assertThat(refused.reason()).as(refused.message()).isEqualTo(reason);
        return refused;
    }

    private Path fetch(ProjectSource project, SourceState.Resolved state, String target) throws SourceException {
        return sources.fetch(SourceFixture.STACK, project, state.revision(), temp.resolve(target));
    }

    @Test
    void tellsBranchesTagsAndCommitsApart() throws Exception {
        // given: a branch and an annotated tag of one name, at different commits
        GitServer.Repository repository = server.create("names");
        String tagged = repository.commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT, "which", "tag"));
        repository.tag("same");
        String first = repository.commit(Map.of("which", "commit"));
        repository.git("checkout", "-q", "-b", "same");
        repository.git("push", "-q", "origin", "refs/heads/same:refs/heads/same");
        repository.git("commit", "-q", "--allow-empty", "-m", "x");
        repository.git("push", "-q", "origin", "refs/heads/same:refs/heads/same");
        String branch = repository.head();
        String url = server.url("names");
        ProjectSource byBranch = SourceFixture.git(url, "same", null, null, null, "ca");
        ProjectSource byTag = SourceFixture.git(url, null, "same", null, null, "ca");
        ProjectSource byCommit = SourceFixture.git(url, null, null, first, null, "ca");

        // then
        assertThat(resolved(new StackKey("a", "branch"), byBranch).revision().revision())
                .isEqualTo("same@sha1:" + branch);
        SourceState.Resolved atTag = resolved(new StackKey("a", "tag"), byTag);
        assertThat(atTag.revision().revision()).isEqualTo("same@sha1:" + tagged);
        SourceState.Resolved atCommit = resolved(new StackKey("a", "commit"), byCommit);
        assertThat(atCommit.revision().revision()).isEqualTo("sha1:" + first);
        assertThat(fetch(byTag, atTag, "t").resolve("which")).hasContent("tag");
        assertThat(fetch(byCommit, atCommit, "c").resolve("which")).hasContent("commit");
    }

    @Test
    void stacksOfOneRepositoryDoNotMix() throws Exception {
        // given
        GitServer.Repository repository = server.create("mono");
        String old = repository.commit(Map.of(
                "a/Pulumi.yaml",
                "name: a\nruntime: yaml\n",
                "a/f",
                "old a",
                "b/Pulumi.yaml",
                "name: b\nruntime: python\n",
                "b/f",
                "old b"));
        String now = repository.commit(Map.of("b/f", "new b"));
        String url = server.url("mono");
        ProjectSource oldA = SourceFixture.git(url, null, null, old, "a", "ca");
        ProjectSource newA = SourceFixture.git(url, "main", null, null, "./a/", "ca");
        ProjectSource newB = SourceFixture.git(url, null, null, now, "b", "ca");

        // when
        SourceState.Resolved resolvedOldA = resolved(new StackKey("x", "old-a"), oldA);
        SourceState.Resolved resolvedNewA = resolved(new StackKey("x", "new-a"), newA);
        SourceState.Resolved resolvedNewB = resolved(new StackKey("x", "new-b"), newB);

        // then: the second commit did not touch a
        assertThat(resolvedNewA.revision().digest())
                .isEqualTo(resolvedOldA.revision().digest());
        assertThat(resolvedNewA.revision().revision())
                .isNotEqualTo(resolvedOldA.revision().revision());
        assertThat(resolvedNewB.revision().projectName()).isEqualTo("b");
        assertThat(resolvedNewB.revision().runtime()).isEqualTo("python");

        // and: exactly the revision is fetched, whatever is newest
        Path directory = fetch(oldA, resolvedOldA, "old");
        assertThat(directory).isEqualTo(temp.resolve("old/a"));
        assertThat(directory.resolve("f")).hasContent("old a");
        assertThat(temp.resolve("old/b/f")).hasContent("old b");
        assertThat(fetch(newB, resolvedNewB, "new").resolve("f")).hasContent("new b");
    }

    @Test
    void namesWhatDoesNotExist() {
        // given
        GitServer.Repository repository = server.create("lacking");
        repository.commit(Map.of("README", "", "dir/README", ""));
        String url = server.url("lacking");

        // then
        assertThat(unresolved(SourceFixture.git(url, "gone", null, null, null, "ca"), Reason.SourceInvalid)
                        .message())
                .contains("spec.project.git.branch 'gone' does not exist");
        assertThat(unresolved(SourceFixture.git(url, null, "gone", null, null, "ca"), Reason.SourceInvalid)
                        .message())
                .contains("spec.project.git.tag 'gone' does not exist");
        assertThat(unresolved(SourceFixture.git(url, null, null, "1".repeat(40), null, "ca"), Reason.SourceInvalid)
                        .message())
                .contains("no such commit");
        assertThat(unresolved(SourceFixture.git(url, null, null, null, "none", "ca"), Reason.SourceInvalid)
                        .message())
                .contains("'none' is not a directory");
        assertThat(unresolved(SourceFixture.git(url, null, null, null, "README", "ca"), Reason.SourceInvalid)
                        .message())
                .contains("'README' is not a directory");
        assertThat(unresolved(SourceFixture.git(url, null, null, null, "dir", "ca"), Reason.SourceInvalid)
                        .message())
                .contains("no Pulumi.yaml in 'dir'");
        assertThat(unresolved(
                                SourceFixture.git(server.url("absent"), null, null, null, null, "ca"),
                                Reason.SourceInvalid)
                        .message())
                .contains("does not exist, or may not be read with Secret ca");
    }

    @Test
    void runsNothingOfAHostileRepository() throws Exception {
        // given
        Path marker = temp.resolve("PWNED");
        GitServer.Repository repository = server.create("hostile");
        String run = "touch " + marker;
        Map<String, String> files = new HashMap<>();
        files.put("Pulumi.yaml", SourceFixture.PROJECT);
        files.put(".gitattributes", "* filter=evil text eol=crlf ident\n*.bin filter=lfs\n");
        files.put(".gitmodules", "[submodule \"m\"]\n\tpath = m\n\turl = ext::sh -c '" + run + "'\n");
        files.put("config", "[core]\n\tfsmonitor = " + run + "\n[filter \"evil\"]\n\tsmudge = " + run + "\n");
        files.put("hooks/post-checkout", "#!/bin/sh\n" + run + "\n");
        files.put("lines.txt", "a\nb\n$Id$\n");
        files.put("big.bin", "version https://git-lfs.github.com/spec/v1\n");
        repository.commit(files);
        repository.git("update-index", "--add", "--cacheinfo", "160000," + repository.head() + ",m");
        repository.commitIndex();
        ProjectSource project = SourceFixture.git(server.url("hostile"), null, null, null, null, "ca");

        // when
        Path directory = fetch(project, resolved(SourceFixture.STACK, project), "w");

        // then
        assertThat(marker).doesNotExist();
        assertThat(directory.resolve("lines.txt")).hasContent("a\nb\n$Id$\n");
        assertThat(directory.resolve("big.bin")).content().startsWith("version https://git-lfs");
        assertThat(directory.resolve("m")).isEmptyDirectory();
    }

    @Test
    void refusesLinksOutOfTheRepository() throws Exception {
        // given
        GitServer.Repository repository = server.create("links");
        Files.createSymbolicLink(repository.work().resolve("out"), Path.of("/etc"));
        Files.createSymbolicLink(repository.work().resolve("in"), Path.of("dir"));
        repository.commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT, "dir/Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("links");
        ProjectSource root = SourceFixture.git(url, null, null, null, null, "ca");

        // then: also a path that is a link, inside or outside, is none
        for (String path : List.of("out", "in", "out/passwd", "in/x")) {
            assertThat(unresolved(SourceFixture.git(url, null, null, null, path, "ca"), Reason.SourceInvalid)
                            .message())
                    .contains("symbolic links are not followed");
        }
        SourceState.Resolved state = resolved(SourceFixture.STACK, root);
        SourceException e = catchThrowableOfType(SourceException.class, () -> fetch(root, state, "w"));
        assertThat(e.reason()).isEqualTo(Reason.SourceInvalid);
        assertThat(e.getMessage()).contains("symbolic link");
        assertThat(temp.resolve("w")).doesNotExist();

        // and: links inside are kept
        Files.delete(repository.work().resolve("out"));
        repository.commitAll();
        closeSources();
        reopen(Set.of(server.hostAndPort()), Duration.ofSeconds(20), 10 << 20);
        Path directory = fetch(root, resolved(SourceFixture.STACK, root), "w2");
        assertThat(directory.resolve("in/Pulumi.yaml")).hasContent(SourceFixture.PROJECT);
    }

    @Test
    void fetchesAgainWhenTheCacheIsLostAndDropsItWithTheLastStack() throws Exception {
        // given
        server.create("cache").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        ProjectSource project = SourceFixture.git(server.url("cache"), null, null, null, null, "ca");
        SourceState.Resolved state = resolved(SourceFixture.STACK, project);
        Path caches = temp.resolve("data/git");
        assertThat(caches)
                .isDirectoryContaining("glob:**/????????????????????????????????????????????????????????????????");

        // when
        SourceFiles.delete(caches);

        // then
        assertThat(fetch(project, state, "w").resolve("Pulumi.yaml")).hasContent(SourceFixture.PROJECT);

        // and
        sources.forget(SourceFixture.STACK);
        await().untilAsserted(() -> assertThat(caches).isEmptyDirectory());
    }

    @Test
    void survivesWhatAKilledProcessLeaves() throws Exception {
        // given: a cache with locks that nobody will release, half a download, and a broken configuration
        GitServer.Repository repository = server.create("killed");
        repository.commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        ProjectSource project = SourceFixture.git(server.url("killed"), null, null, null, null, "ca");
        resolved(SourceFixture.STACK, project);
        sources.close();
        Path cache = onlyCache();
        Files.writeString(cache.resolve("shallow.lock"), "");
        Files.writeString(cache.resolve("config.lock"), "");
        Files.writeString(cache.resolve("objects/incoming_1.pack"), "half");
        String commit = repository.commit(Map.of("f", "new"));

        // when
        reopen(Set.of(server.hostAndPort()), Duration.ofSeconds(20), 10 << 20);

        // then
        SourceState.Resolved state = resolved(SourceFixture.STACK, project);
        assertThat(state.revision().revision()).endsWith(commit);
        assertThat(cache.resolve("objects/incoming_1.pack")).doesNotExist();

        // and
        sources.close();
        Files.writeString(cache.resolve("config"), "[[broken");
        reopen(Set.of(server.hostAndPort()), Duration.ofSeconds(20), 10 << 20);
        assertThat(fetch(project, state, "w").resolve("f")).hasContent("new");
    }

    private Path onlyCache() throws IOException {
        try (Stream<Path> caches = Files.list(temp.resolve("data/git"))) {
            return caches.filter(Files::isDirectory).findFirst().orElseThrow();
        }
    }

    @Test
    void usesTheCacheForCommitsItHas() throws Exception {
        // given
        server.create("once").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        ProjectSource project = SourceFixture.git(server.url("once"), null, null, null, null, "ca");
        SourceState.Resolved state = resolved(SourceFixture.STACK, project);
        server.forgetRequests();

        // when
        fetch(project, state, "w1");
        fetch(project, state, "w2");

        // then
        assertThat(server.requests()).isEmpty();
    }

    private void reopen(Set<String> allowedHosts, Duration timeout, long maxBytes) {
        sources.close();
        sources = new ProjectSources(
                SourceFixture.settings(temp.resolve("data"), allowedHosts, timeout, maxBytes),
                references,
                Clock.systemUTC(),
                woken::add,
                (kind, succeeded, took) -> fetches.add(kind + " " + succeeded));
    }
}
