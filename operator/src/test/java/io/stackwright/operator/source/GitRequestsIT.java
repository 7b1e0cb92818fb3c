package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.GitSource;
import io.stackwright.testkit.GitServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person's request waits for: a look that began after it. */
class GitRequestsIT {

    private static final StackKey S = new StackKey("x", "s");

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
    void aThousandStacksThatAskAtOnceCostOneListing() {
        // given
        GitServer.Repository repository = server.create("thousand");
        repository.commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("thousand");
        for (int i = 0; i < 1000; i++) {
            rig.ask("s" + i, url, null);
        }
        rig.time.advance(Duration.ofSeconds(20));
        String commit = repository.commit(Map.of("f", "new"));
        server.forgetRequests();
        rig.woken.clear();

        // when
        for (int i = 0; i < 1000; i++) {
            assertThat(rig.ask("s" + i, url, "now")).isInstanceOf(SourceState.Looking.class);
        }
        rig.time.advance(Duration.ZERO);

        // then
        assertThat(server.listings()).isEqualTo(1);
        assertThat(rig.woken).hasSize(1000).doesNotHaveDuplicates();
        for (int i = 0; i < 1000; i++) {
            assertThat(revision(rig.ask("s" + i, url, "now"))).isEqualTo("main@sha1:" + commit);
        }

        // and: the same request, looked at again before it is taken up, asks for nothing more
        rig.time.advance(Duration.ofSeconds(30));
        assertThat(server.listings()).isEqualTo(1);
        assertThat(rig.woken).hasSize(1000);
    }

    @Test
    void aListingThatRunsAlreadyIsNoAnswer() {
        // given one that has begun: the server may have answered it before the commit
        List<Runnable> looks = rig.deferLooks();
        GitServer.Repository repository = server.create("running");
        String before = repository.commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("running");
        rig.ask("s", url, null);
        rig.time.advance(Duration.ZERO);
        looks.removeFirst().run();
        rig.time.advance(PollerRig.INTERVAL);
        server.forgetRequests();
        server.hold();
        Thread running = Thread.ofPlatform().start(looks.removeFirst());
        await().atMost(Duration.ofSeconds(60)).until(() -> !server.requests().isEmpty());
        rig.woken.clear();

        // when
        SourceState asked = rig.ask("s", url, "now");
        server.release();
        await().atMost(Duration.ofSeconds(60)).until(() -> !running.isAlive());

        // then
        assertThat(((SourceState.Looking) asked).known())
                .satisfies(known -> assertThat(revision(known)).isEqualTo("main@sha1:" + before));
        assertThat(rig.ask("s", url, "now")).isInstanceOf(SourceState.Looking.class);
        assertThat(rig.woken).isEmpty();

        // when
        String commit = repository.commit(Map.of("f", "new"));
        rig.time.advance(GitPoller.FRESH);
        looks.removeFirst().run();

        // then
        assertThat(rig.woken).containsExactly(S);
        assertThat(revision(rig.ask("s", url, "now"))).isEqualTo("main@sha1:" + commit);
    }

    @Test
    void aRequestIsAnsweredByALookThatFindsNothingNewOrFails() {
        // given
        String commit = server.create("same").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("same");
        rig.ask("s", url, null);
        rig.time.advance(Duration.ofSeconds(20));
        rig.woken.clear();

        // when
        rig.ask("s", url, "one");
        rig.time.advance(Duration.ZERO);

        // then
        assertThat(rig.woken).containsExactly(S);
        assertThat(revision(rig.ask("s", url, "one"))).isEqualTo("main@sha1:" + commit);

        // when
        server.answer(GitServer.Answer.ERROR);
        rig.time.advance(Duration.ofSeconds(20));
        rig.woken.clear();
        assertThat(rig.ask("s", url, "two")).isInstanceOf(SourceState.Looking.class);
        rig.time.advance(Duration.ZERO);

        // then
        assertThat(rig.woken).containsExactly(S);
        assertThat(rig.ask("s", url, "two"))
                .isInstanceOfSatisfying(
                        SourceState.Resolved.class,
                        known -> assertThat(known.unavailableSince()).isPresent());

        // and: the next one does not wait for the next attempt, though that is far away
        rig.time.advance(PollerRig.INTERVAL);
        server.answer(GitServer.Answer.NORMAL);
        rig.ask("s", url, "three");
        rig.time.advance(GitPoller.FRESH);
        assertThat(revision(rig.ask("s", url, "three"))).isEqualTo("main@sha1:" + commit);
    }

    @Test
    void aLookThatTakesTooLongIsNotWaitedFor() {
        // given
        List<Runnable> looks = rig.deferLooks();
        String commit = server.create("endless").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("endless");
        rig.ask("s", url, null);
        rig.time.advance(Duration.ZERO);
        looks.removeFirst().run();
        rig.time.advance(Duration.ofSeconds(20));
        rig.woken.clear();

        // when
        rig.ask("s", url, "now");
        rig.time.advance(PollerRig.PATIENCE.minusSeconds(1));

        // then
        assertThat(rig.ask("s", url, "now")).isInstanceOf(SourceState.Looking.class);
        assertThat(rig.woken).isEmpty();

        // when
        rig.time.advance(Duration.ofSeconds(1));

        // then
        assertThat(rig.woken).containsExactly(S);
        assertThat(revision(rig.ask("s", url, "now"))).isEqualTo("main@sha1:" + commit);
    }

    @Test
    void aCommitThatIsKnownIsNotLookedAtAgain() {
        // given
        String commit = server.create("commit").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        String url = server.url("commit");
        rig.resolve("s", url, null, commit, null);
        rig.time.advance(Duration.ZERO);

        // then
        assertThat(revision(rig.resolve("s", url, null, commit, null))).isEqualTo("sha1:" + commit);
        assertThat(revision(rig.resolve("s", url, source(url, commit), PollerRig.INTERVAL, "now")))
                .isEqualTo("sha1:" + commit);
    }

    private static GitSource source(String url, String commit) {
        return new GitSource(url, null, null, commit, null, null, null);
    }
}
