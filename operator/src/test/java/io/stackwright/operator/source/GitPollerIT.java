package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.GitSource;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.testkit.GitServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a real server is asked, with a clock that the test moves. */
class GitPollerIT {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static GitServer server;
    private static ScheduledExecutorService timer;

    @TempDir
    Path temp;

    private final ManualTime time = new ManualTime();
    private final List<StackKey> woken = new ArrayList<>();
    private final List<GitKey> unused = new ArrayList<>();
    private GitCredentials credentials;
    private GitPoller poller;
    private Function<GitKey, GitCache> cachesOf;
    private double random = 0.5;

    @BeforeAll
    static void startServer() {
        GitIsolation.install();
        server = GitServer.start();
        timer = Executors.newSingleThreadScheduledExecutor();
    }

    @AfterAll
    static void stopServer() {
        server.close();
        timer.shutdownNow();
    }

    @BeforeEach
    void makePoller() throws SourceException {
        AddressRules rules = new AddressRules(Set.of(server.hostAndPort(), "localhost"));
        GitRemote remote = new GitRemote(rules, Duration.ofSeconds(20), 10 << 20, timer, (kind, succeeded) -> {});
        credentials = GitCredentials.of(
                GitUrl.parse(server.url("x")),
                "ca",
                Map.of("ca.crt", server.certificate().getBytes(StandardCharsets.UTF_8)));
        cachesOf = key -> new GitCache(temp.resolve(key.directoryName()), remote, 10 << 20);
        poller = poller(new HostPace(8, Duration.ofMillis(100), this::nanoTime));
    }

    private GitPoller poller(HostPace pace) {
        return new GitPoller(time, Runnable::run, () -> random, woken::add, cachesOf, unused::add, pace);
    }

    private long nanoTime() {
        return Duration.between(Instant.EPOCH, time.now()).toNanos();
    }

    @AfterEach
    void reset() {
        poller.close();
        server.answer(GitServer.Answer.NORMAL);
        server.forgetRequests();
    }

    private SourceState resolve(String stack, String url, String branch, String commit, String path, boolean fresh) {
        return resolve(stack, url, new GitSource(url, branch, null, commit, path, null, null), MINUTE, fresh);
    }

    private SourceState resolve(String stack, String url, GitSource source, Duration interval, boolean fresh) {
        try {
            return poller.resolve(
                    new StackKey("x", stack),
                    new GitKey(GitUrl.parse(url), credentials.digest()),
                    credentials,
                    new GitWatch.Registration(GitWant.of(source), interval),
                    fresh);
        } catch (SourceException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String revision(SourceState state) {
        assertThat(state).isInstanceOf(SourceState.Resolved.class);
        return ((SourceState.Resolved) state).revision().revision();
    }

    @Test
    void fiftyStacksOnOneRepositoryCostOneListingPerInterval() {
        // given: ten branches, five paths
        GitServer.Repository repository = server.create("shared");
        for (int path = 0; path < 5; path++) {
            repository.commit("main", Map.of("p" + path + "/Pulumi.yaml", SourceFixture.PROJECT));
        }
        for (int branch = 0; branch < 10; branch++) {
            repository.commit("b" + branch, Map.of("f", "" + branch));
        }
        String url = server.url("shared");

        // when
        List<SourceState> first = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            first.add(resolve("s" + i, url, "b" + i % 10, null, "p" + i / 10, false));
        }
        time.advance(Duration.ZERO);

        // then
        assertThat(first).allMatch(SourceState.Pending.class::isInstance);
        assertThat(server.listings()).isEqualTo(1);
        assertThat(server.downloads()).isEqualTo(10);
        assertThat(woken).hasSize(50).doesNotHaveDuplicates();
        for (int i = 0; i < 50; i++) {
            assertThat(revision(resolve("s" + i, url, "b" + i % 10, null, "p" + i / 10, false)))
                    .startsWith("b" + i % 10 + "@sha1:");
        }

        // and: ten intervals, one listing each, nothing downloaded, nobody woken
        time.advance(MINUTE.multipliedBy(10));
        assertThat(server.listings()).isEqualTo(11);
        assertThat(server.downloads()).isEqualTo(10);
        assertThat(woken).hasSize(50);

        // and: a commit on one branch wakes the five Stacks that follow it
        woken.clear();
        String commit = repository.commit("b3", Map.of("f", "new"));
        time.advance(MINUTE);
        assertThat(woken)
                .containsExactlyInAnyOrder(
                        new StackKey("x", "s3"),
                        new StackKey("x", "s13"),
                        new StackKey("x", "s23"),
                        new StackKey("x", "s33"),
                        new StackKey("x", "s43"));
        assertThat(revision(resolve("s3", url, "b3", null, "p0", false))).isEqualTo("b3@sha1:" + commit);
        assertThat(server.downloads()).isEqualTo(11);
    }

    @Test
    void manyRepositoriesOfOneHostAreLookedAtBitByBit() {
        // given
        poller.close();
        poller = poller(new HostPace(2, Duration.ofSeconds(1), this::nanoTime));
        for (int i = 0; i < 8; i++) {
            server.create("many-" + i).commit("main", Map.of("Pulumi.yaml", SourceFixture.PROJECT));
            resolve("s" + i, server.url("many-" + i), "main", null, null, false);
        }

        // when, then
        time.advance(Duration.ZERO);
        assertThat(server.listings()).isEqualTo(2);
        time.advance(Duration.ofSeconds(3));
        assertThat(server.listings()).isBetween(4L, 5L);
        time.advance(Duration.ofSeconds(5));
        assertThat(server.listings()).isEqualTo(8);
        assertThat(woken).hasSize(8);
    }

    @Test
    void keepsWhatIsKnownWhileTheServerIsAway() {
        // given
        server.create("away").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("away");
        resolve("s", url, "main", null, null, false);
        time.advance(Duration.ZERO);
        Instant good = time.now();
        woken.clear();

        // when
        server.answer(GitServer.Answer.ERROR);
        time.advance(MINUTE);

        // then
        SourceState.Resolved away = (SourceState.Resolved) resolve("s", url, "main", null, null, false);
        assertThat(away.unavailableSince()).contains(good);
        assertThat(away.problem()).contains("status 500");
        assertThat(woken).hasSize(1);

        // and: it is tried again after 10, 20, 40 … seconds, and nobody is woken for nothing
        server.forgetRequests();
        time.advance(Duration.ofSeconds(9));
        assertThat(server.requests()).isEmpty();
        time.advance(Duration.ofSeconds(1));
        assertThat(server.requests()).hasSize(1);
        time.advance(Duration.ofSeconds(60));
        assertThat(server.requests()).hasSize(3);
        assertThat(woken).hasSize(1);

        // and
        server.answer(GitServer.Answer.NORMAL);
        time.advance(Duration.ofMinutes(5));
        SourceState.Resolved back = (SourceState.Resolved) resolve("s", url, "main", null, null, false);
        assertThat(back.unavailableSince()).isEqualTo(Optional.empty());
        assertThat(woken).hasSize(2);
    }

    @Test
    void asksAServerThatSaysNoAtTheInterval() {
        // given
        server.create("no").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("no");
        server.answer(GitServer.Answer.UNAUTHORIZED);
        resolve("s", url, "later", null, null, false);
        time.advance(Duration.ZERO);
        assertThat(((SourceState.Unresolved) resolve("s", url, "later", null, null, false)).reason())
                .isEqualTo(Reason.SourceAuthenticationFailed);

        // when: the password works again, but the branch is missing
        server.answer(GitServer.Answer.NORMAL);
        time.advance(MINUTE);
        assertThat(((SourceState.Unresolved) resolve("s", url, "later", null, null, false)).reason())
                .isEqualTo(Reason.SourceInvalid);

        // when: the branch appears
        server.open("no").commit("later", Map.of("f", "x"));
        woken.clear();
        time.advance(MINUTE);

        // then
        assertThat(revision(resolve("s", url, "later", null, null, false))).startsWith("later@sha1:");
        assertThat(woken).hasSize(1);
    }

    @Test
    void doesNotAskAgainForCommits() {
        // given
        String commit = server.create("pinned").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("pinned");
        resolve("s", url, null, commit, null, false);
        time.advance(Duration.ZERO);
        assertThat(revision(resolve("s", url, null, commit, null, false))).isEqualTo("sha1:" + commit);
        server.forgetRequests();

        // when
        time.advance(Duration.ofHours(1));

        // then
        assertThat(server.requests()).isEmpty();

        // and: a Stack that follows a branch starts the listings
        resolve("t", url, "main", null, null, false);
        time.advance(MINUTE);
        assertThat(revision(resolve("t", url, "main", null, null, false))).isEqualTo("main@sha1:" + commit);
        assertThat(server.listings()).isEqualTo(2);
    }

    @Test
    void looksAtOnceWhenAPersonAsksButNotAllTheTime() {
        // given
        server.create("fresh").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("fresh");
        resolve("s", url, "main", null, null, false);
        time.advance(Duration.ofSeconds(20));
        assertThat(server.listings()).isEqualTo(1);

        // when
        for (int i = 0; i < 10; i++) {
            resolve("s", url, "main", null, null, true);
            time.advance(Duration.ofMillis(400));
        }

        // then
        assertThat(server.listings()).isEqualTo(2);
        time.advance(Duration.ofSeconds(10));
        assertThat(server.listings()).isEqualTo(3);
    }

    @Test
    void theShortestIntervalCounts() {
        // given
        server.create("interval").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("interval");
        GitSource source = new GitSource(url, null, null, null, null, null, null);
        resolve("slow", url, source, Duration.ofHours(1), false);
        time.advance(Duration.ofMinutes(10));
        assertThat(server.listings()).isEqualTo(1);

        // when
        resolve("quick", url, source, Duration.ofSeconds(30), false);
        time.advance(Duration.ofMinutes(5));

        // then
        assertThat(server.listings()).isEqualTo(11);
    }

    @Test
    void spreadsTheFirstLooksOfManyRepositories() {
        // when
        random = 0.9;
        for (int i = 0; i < 200; i++) {
            resolve("s" + i, server.url("r" + i), "main", null, null, false);
        }

        // then
        List<Duration> delays = time.delays();
        assertThat(delays.stream().filter(Duration::isZero)).hasSizeBetween(1, 8);
        assertThat(delays).allMatch(delay -> delay.compareTo(Duration.ofSeconds(30)) <= 0);
        assertThat(delays.getLast()).isGreaterThan(Duration.ofSeconds(10));
    }

    @Test
    void movesAStackWhoseRepositoryChanged() {
        // given
        server.create("one").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        server.create("two").commit(Map.of("Pulumi.yaml", "name: two\nruntime: yaml\n"));
        resolve("s", server.url("one"), "main", null, null, false);
        time.advance(Duration.ZERO);

        // when
        SourceState moved = resolve("s", server.url("two"), "main", null, null, false);

        // then: nothing of the old repository is passed off as the new one's
        assertThat(moved).isInstanceOf(SourceState.Pending.class);
        assertThat(unused).extracting(key -> key.url().text()).containsExactly(server.url("one"));
        time.advance(Duration.ZERO);
        SourceState.Resolved state = (SourceState.Resolved) resolve("s", server.url("two"), "main", null, null, false);
        assertThat(state.revision().projectName()).isEqualTo("two");

        // and
        server.forgetRequests();
        poller.forget(new StackKey("x", "s"));
        time.advance(Duration.ofHours(1));
        assertThat(server.requests()).isEmpty();
    }
}
