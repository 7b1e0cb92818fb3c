package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.GitSource;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.testkit.GitServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a real server is asked, with a clock that the test moves. */
class GitPollerIT {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static GitServer server;
    private static ScheduledExecutorService timer;

    @TempDir
    Path temp;

    private PollerRig rig;

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
        rig = new PollerRig(server, timer, temp);
    }

    @AfterEach
    void reset() {
        rig.close();
        server.answer(GitServer.Answer.NORMAL);
        server.forgetRequests();
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
            first.add(rig.resolve("s" + i, url, "b" + i % 10, null, "p" + i / 10));
        }
        rig.time.advance(Duration.ZERO);

        // then
        assertThat(first).allMatch(SourceState.Pending.class::isInstance);
        assertThat(server.listings()).isEqualTo(1);
        assertThat(server.downloads()).isEqualTo(10);
        assertThat(rig.woken).hasSize(50).doesNotHaveDuplicates();
        for (int i = 0; i < 50; i++) {
            assertThat(revision(rig.resolve("s" + i, url, "b" + i % 10, null, "p" + i / 10)))
                    .startsWith("b" + i % 10 + "@sha1:");
        }

        // and: ten intervals, one listing each, nothing downloaded, nobody rig.woken
        rig.time.advance(MINUTE.multipliedBy(10));
        assertThat(server.listings()).isEqualTo(11);
        assertThat(server.downloads()).isEqualTo(10);
        assertThat(rig.woken).hasSize(50);

        // and: a commit on one branch wakes the five Stacks that follow it
        rig.woken.clear();
        String commit = repository.commit("b3", Map.of("f", "new"));
        rig.time.advance(MINUTE);
        assertThat(rig.woken)
                .containsExactlyInAnyOrder(
                        new StackKey("x", "s3"),
                        new StackKey("x", "s13"),
                        new StackKey("x", "s23"),
                        new StackKey("x", "s33"),
                        new StackKey("x", "s43"));
        assertThat(revision(rig.resolve("s3", url, "b3", null, "p0"))).isEqualTo("b3@sha1:" + commit);
        assertThat(server.downloads()).isEqualTo(11);
    }

    @Test
    void manyRepositoriesOfOneHostAreLookedAtBitByBit() {
        // given
        rig.pace(2, Duration.ofSeconds(1));
        for (int i = 0; i < 8; i++) {
            server.create("many-" + i).commit("main", Map.of("Pulumi.yaml", SourceFixture.PROJECT));
            rig.resolve("s" + i, server.url("many-" + i), "main", null, null);
        }

        // when, then
        rig.time.advance(Duration.ZERO);
        assertThat(server.listings()).isEqualTo(2);
        rig.time.advance(Duration.ofSeconds(3));
        assertThat(server.listings()).isBetween(4L, 5L);
        rig.time.advance(Duration.ofSeconds(5));
        assertThat(server.listings()).isEqualTo(8);
        assertThat(rig.woken).hasSize(8);
    }

    @Test
    void keepsWhatIsKnownWhileTheServerIsAway() {
        // given
        server.create("away").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("away");
        rig.resolve("s", url, "main", null, null);
        rig.time.advance(Duration.ZERO);
        Instant good = rig.time.now();
        rig.woken.clear();

        // when
        server.answer(GitServer.Answer.ERROR);
        rig.time.advance(MINUTE);

        // then
        SourceState.Resolved away = (SourceState.Resolved) rig.resolve("s", url, "main", null, null);
        assertThat(away.unavailableSince()).contains(good);
        assertThat(away.problem()).contains("status 500");
        assertThat(rig.woken).hasSize(1);

        // and: it is tried again after 10, 20, 40 … seconds, and nobody is rig.woken for nothing
        server.forgetRequests();
        rig.time.advance(Duration.ofSeconds(9));
        assertThat(server.requests()).isEmpty();
        rig.time.advance(Duration.ofSeconds(1));
        assertThat(server.requests()).hasSize(1);
        rig.time.advance(Duration.ofSeconds(60));
        assertThat(server.requests()).hasSize(3);
        assertThat(rig.woken).hasSize(1);

        // and
        server.answer(GitServer.Answer.NORMAL);
        rig.time.advance(Duration.ofMinutes(5));
        SourceState.Resolved back = (SourceState.Resolved) rig.resolve("s", url, "main", null, null);
        assertThat(back.unavailableSince()).isEqualTo(Optional.empty());
        assertThat(rig.woken).hasSize(2);
    }

    @Test
    void aClockThatIsSetBackDelaysNothing() {
        // given
        GitServer.Repository repository = server.create("clock");
        repository.commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("clock");
        rig.resolve("s", url, "main", null, null);
        rig.time.advance(Duration.ZERO);

        // when
        rig.time.setBack(Duration.ofHours(3));
        String commit = repository.commit(Map.of("more", "1"));
        rig.time.advance(MINUTE);

        // then
        assertThat(revision(rig.resolve("s", url, "main", null, null))).endsWith(commit);

        // and: people read the time of day
        Instant good = rig.time.timeOfDay();
        server.answer(GitServer.Answer.ERROR);
        rig.time.advance(MINUTE);
        SourceState.Resolved away = (SourceState.Resolved) rig.resolve("s", url, "main", null, null);
        assertThat(away.unavailableSince()).contains(good);
    }

    @Test
    void asksAServerThatSaysNoAtTheInterval() {
        // given
        server.create("no").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("no");
        server.answer(GitServer.Answer.UNAUTHORIZED);
        rig.resolve("s", url, "later", null, null);
        rig.time.advance(Duration.ZERO);
        assertThat(((SourceState.Unresolved) rig.resolve("s", url, "later", null, null)).reason())
                .isEqualTo(Reason.SourceAuthenticationFailed);

        // when: the password works again, but the branch is missing
        server.answer(GitServer.Answer.NORMAL);
        rig.time.advance(MINUTE);
        assertThat(((SourceState.Unresolved) rig.resolve("s", url, "later", null, null)).reason())
                .isEqualTo(Reason.SourceInvalid);

        // when: the branch appears
        server.open("no").commit("later", Map.of("f", "x"));
        rig.woken.clear();
        rig.time.advance(MINUTE);

        // then
        assertThat(revision(rig.resolve("s", url, "later", null, null))).startsWith("later@sha1:");
        assertThat(rig.woken).hasSize(1);
    }

    @Test
    void doesNotAskAgainForCommits() {
        // given
        String commit = server.create("pinned").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("pinned");
        rig.resolve("s", url, null, commit, null);
        rig.time.advance(Duration.ZERO);
        assertThat(revision(rig.resolve("s", url, null, commit, null))).isEqualTo("sha1:" + commit);
        server.forgetRequests();

        // when
        rig.time.advance(Duration.ofHours(1));

        // then
        assertThat(server.requests()).isEmpty();

        // and: a Stack that follows a branch starts the listings
        rig.resolve("t", url, "main", null, null);
        rig.time.advance(MINUTE);
        assertThat(revision(rig.resolve("t", url, "main", null, null))).isEqualTo("main@sha1:" + commit);
        assertThat(server.listings()).isEqualTo(2);
    }

    @Test
    void looksAtOnceWhenAPersonAsksButNotAllTheTime() {
        // given
        server.create("fresh").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("fresh");
        rig.resolve("s", url, "main", null, null);
        rig.time.advance(Duration.ofSeconds(20));
        assertThat(server.listings()).isEqualTo(1);

        // when
        for (int i = 0; i < 10; i++) {
            rig.ask("s", url, "request " + i);
            rig.time.advance(Duration.ofMillis(400));
        }

        // then
        assertThat(server.listings()).isEqualTo(2);
        rig.time.advance(Duration.ofSeconds(10));
        assertThat(server.listings()).isEqualTo(3);
    }

    @Test
    void theShortestIntervalCounts() {
        // given
        server.create("interval").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("interval");
        GitSource source = new GitSource(url, null, null, null, null, null, null);
        rig.resolve("slow", url, source, Duration.ofHours(1), null);
        rig.time.advance(Duration.ofMinutes(10));
        assertThat(server.listings()).isEqualTo(1);

        // when
        rig.resolve("quick", url, source, Duration.ofSeconds(30), null);
        rig.time.advance(Duration.ofMinutes(5));

        // then
        assertThat(server.listings()).isEqualTo(11);
    }

    @ParameterizedTest
    @CsvSource({"0, 54000", "0.5, 60000", "0.999, 65988"})
    void intervalsAreALittleShorterOrLonger(double random, long millis) {
        // given
        server.create("spread-" + millis).commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        rig.random = random;
        rig.resolve("s", server.url("spread-" + millis), "main", null, null);
        rig.time.advance(Duration.ZERO);

        // when, then
        rig.time.advance(Duration.ofMillis(millis - 1));
        assertThat(server.listings()).isEqualTo(1);
        rig.time.advance(Duration.ofMillis(1));
        assertThat(server.listings()).isEqualTo(2);
    }

    @Test
    void spreadsTheFirstLooksOfManyRepositories() {
        // when
        rig.random = 0.9;
        for (int i = 0; i < 200; i++) {
            rig.resolve("s" + i, server.url("r" + i), "main", null, null);
        }

        // then
        List<Duration> delays = rig.time.delays();
        assertThat(delays.stream().filter(Duration::isZero)).hasSizeBetween(1, 8);
        assertThat(delays).allMatch(delay -> delay.compareTo(Duration.ofSeconds(30)) <= 0);
        assertThat(delays.getLast()).isGreaterThan(Duration.ofSeconds(10));
    }

    @Test
    void movesAStackWhoseRepositoryChanged() {
        // given
        server.create("one").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        server.create("two").commit(Map.of("Pulumi.yaml", "name: two\nruntime: yaml\n"));
        rig.resolve("s", server.url("one"), "main", null, null);
        rig.time.advance(Duration.ZERO);

        // when
        SourceState moved = rig.resolve("s", server.url("two"), "main", null, null);

        // then: nothing of the old repository is passed off as the new one's
        assertThat(moved).isInstanceOf(SourceState.Pending.class);
        assertThat(rig.unused).extracting(key -> key.url().text()).containsExactly(server.url("one"));
        rig.time.advance(Duration.ZERO);
        SourceState.Resolved state = (SourceState.Resolved) rig.resolve("s", server.url("two"), "main", null, null);
        assertThat(state.revision().projectName()).isEqualTo("two");

        // and
        server.forgetRequests();
        rig.poller.forget(new StackKey("x", "s"));
        rig.time.advance(Duration.ofHours(1));
        assertThat(server.requests()).isEmpty();
    }
}
