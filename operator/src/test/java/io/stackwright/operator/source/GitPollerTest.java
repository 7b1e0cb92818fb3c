package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose looks begin when, with a clock that the test moves; none of them ends. */
class GitPollerTest {

    private static final int MANY = 1000;

    private final ManualTime time = new ManualTime();
    private final List<Runnable> begun = new ArrayList<>();
    private final HostPace pace = new HostPace(
            20,
            Duration.ofMillis(100),
            () -> Duration.between(Instant.EPOCH, time.now()).toNanos());
    private final GitPoller poller = new GitPoller(
            new GitPoller.Timing(time, () -> 0.5, pace, Duration.ofSeconds(65)),
            begun::add,
            stack -> {},
            key -> null,
            key -> {});

    @AfterEach
    void close() {
        poller.close();
    }

    /** All of them on one host, which is asked ten times a second. */
    @Test
    void thousandsOfOneNamespaceDoNotHoldUpAnother() throws SourceException {
        // given
        for (int i = 0; i < MANY; i++) {
            resolve("a", "https://git.example.org/a/" + i);
        }
        time.advance(Duration.ofSeconds(20));
        assertThat(begun).hasSize(LookTurns.OF_ONE);

        // when
        resolve("b", "https://git.example.org/b");
        time.advance(Duration.ofSeconds(1));

        // then
        assertThat(begun).hasSize(LookTurns.OF_ONE + 1);
    }

    /** Whoever follows somebody else's repository does not decide when that one is looked at. */
    @Test
    void aRepositoryThatAnotherNamespaceWaitsForTooHasTheBetterPlace() throws SourceException {
        // given
        for (int i = 0; i < MANY; i++) {
            resolve("a", "https://git.example.org/a/" + i);
        }
        resolve("a", "https://git.example.org/b");
        time.advance(Duration.ofSeconds(20));
        assertThat(begun).hasSize(LookTurns.OF_ONE);

        // when
        resolve("b", "https://git.example.org/b");
        time.advance(Duration.ofSeconds(1));

        // then
        assertThat(begun).hasSize(LookTurns.OF_ONE + 1);
    }

    private void resolve(String namespace, String text) throws SourceException {
        GitUrl url = GitUrl.parse(text);
        poller.resolve(
                new StackKey(namespace, text),
                new GitKey(url, ""),
                GitCredentials.none(url),
                new GitWatch.Registration(new GitWant(GitWant.Kind.BRANCH, "main", ""), GitPoller.DEFAULT_INTERVAL),
                Optional.empty());
    }
}
