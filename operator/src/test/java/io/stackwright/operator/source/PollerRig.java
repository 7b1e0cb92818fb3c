package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.GitSource;
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
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/** A poller of a real server, with a clock that the test moves. */
final class PollerRig implements AutoCloseable {

    static final Duration INTERVAL = Duration.ofMinutes(1);

    /** How long a request waits. */
    static final Duration PATIENCE = Duration.ofSeconds(25);

    final ManualTime time = new ManualTime();
    final List<StackKey> woken = new ArrayList<>();
    final List<GitKey> unused = new ArrayList<>();
    double random = 0.5;
    GitPoller poller;

    private final GitCredentials credentials;
    private final Function<GitKey, GitCache> caches;

    PollerRig(GitServer server, ScheduledExecutorService timer, Path caches) throws SourceException {
        AddressRules rules = new AddressRules(Set.of(server.hostAndPort(), "localhost"));
        GitRemote remote = new GitRemote(rules, Duration.ofSeconds(20), 10 << 20, timer, (kind, succeeded, took) -> {});
        this.credentials = GitCredentials.of(
                GitUrl.parse(server.url("x")),
                "ca",
                Map.of("ca.crt", server.certificate().getBytes(StandardCharsets.UTF_8)));
        this.caches = key -> new GitCache(caches.resolve(key.directoryName()), remote, 10 << 20, () -> {});
        this.poller = poller(new HostPace(8, Duration.ofMillis(100), this::nanoTime), Runnable::run);
    }

    private GitPoller poller(HostPace pace, Executor executor) {
        GitPoller.Timing timing = new GitPoller.Timing(time, () -> random, pace, PATIENCE);
        return new GitPoller(timing, executor, woken::add, caches, unused::add);
    }

    /** Another poller, that asks a host so many times at once and then as often. */
    void pace(int atOnce, Duration between) {
        poller.close();
        poller = poller(new HostPace(atOnce, between, this::nanoTime), Runnable::run);
    }

    /** Another poller, whose looks begin and end when the test runs them. */
    List<Runnable> deferLooks() {
        List<Runnable> looks = new ArrayList<>();
        poller.close();
        poller = poller(new HostPace(8, Duration.ofMillis(100), this::nanoTime), looks::add);
        return looks;
    }

    private long nanoTime() {
        return Duration.between(Instant.EPOCH, time.now()).toNanos();
    }

    SourceState resolve(String stack, String url, String branch, String commit, String path) {
        return resolve(stack, url, new GitSource(url, branch, null, commit, path, null, null), INTERVAL, null);
    }

    /** The same for {@code main}, with a request. */
    SourceState ask(String stack, String url, String request) {
        return resolve(stack, url, new GitSource(url, "main", null, null, null, null, null), INTERVAL, request);
    }

    /** @param request null without one */
    SourceState resolve(String stack, String url, GitSource source, Duration interval, String request) {
        try {
            return poller.resolve(
                    new StackKey("x", stack),
                    new GitKey(GitUrl.parse(url), credentials.digest()),
                    credentials,
                    new GitWatch.Registration(GitWant.of(source), interval),
                    Optional.ofNullable(request));
        } catch (SourceException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        poller.close();
    }
}
