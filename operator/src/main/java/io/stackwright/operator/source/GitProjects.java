package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.Durations;
import io.stackwright.api.v1alpha1.GitSource;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.inputs.ReferenceReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.jgit.lib.ObjectId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Projects in Git repositories. */
final class GitProjects implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GitProjects.class);
    private static final Duration SWEEP_EVERY = Duration.ofMinutes(10);
    private static final int LOOKS_AT_ONCE = 20;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    /** Room for so many sources of the largest size. */
    private static final int LARGEST_SOURCES = 16;

    private static final Pattern COMMIT = Pattern.compile("(?:^|@)sha1:([0-9a-f]{40})$");
    private static final Pattern CACHE_NAME = Pattern.compile("^[0-9a-f]{64}$");

    private final ReferenceReader references;
    private final Path directory;
    private final GitRemote remote;
    private final long maxBytes;
    private final GitPoller poller;
    private final ThreadPoolExecutor executor;
    private final ScheduledThreadPoolExecutor timer;
    private final Map<GitKey, GitCache> caches = new ConcurrentHashMap<>();

    GitProjects(
            SourceLimits limits,
            ReferenceReader references,
            ScheduledThreadPoolExecutor timer,
            Scheduler scheduler,
            Consumer<StackKey> waker,
            FetchListener listener) {
        GitIsolation.install();
        this.references = references;
        this.directory = limits.dataDirectory().resolve("git");
        this.maxBytes = limits.maxBytes();
        this.timer = timer;
        this.executor = lookers();
        prepareDirectory();
        this.remote =
                new GitRemote(new AddressRules(limits.allowedHosts()), limits.timeout(), maxBytes, timer, listener);
        GitPoller.Timing timing = new GitPoller.Timing(
                scheduler,
                () -> ThreadLocalRandom.current().nextDouble(),
                new HostPace(LOOKS_AT_ONCE, BETWEEN_LOOKS, System::nanoTime),
                limits.timeout().plus(GitPoller.FRESH));
        this.poller = new GitPoller(timing, executor, waker, this::cache, key -> executor.execute(() -> drop(key)));
        // Not at once: after a restart it takes a while until every Stack has said what it follows.
        this.timer.scheduleWithFixedDelay(
                () -> executor.execute(this::sweep),
                SWEEP_EVERY.toMillis(),
                SWEEP_EVERY.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Looks at repositories when the clock says so. */
    static GitProjects open(
            SourceLimits limits,
            ReferenceReader references,
            Clock clock,
            Consumer<StackKey> waker,
            FetchListener listener) {
        ScheduledThreadPoolExecutor timer = timer();
        return new GitProjects(limits, references, timer, new TimerScheduler(clock, timer), waker, listener);
    }

    /** For {@link #close} to end. */
    static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("source-timer").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    /** Platform threads: a slow look-up of a host name would hold a carrier of virtual ones. */
    private static ThreadPoolExecutor lookers() {
        ThreadPoolExecutor lookers = new ThreadPoolExecutor(
                LookTurns.AT_ONCE,
                LookTurns.AT_ONCE,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("source-", 0).daemon().factory(),
                // There is room for all; what comes after the end is not to be done.
                new ThreadPoolExecutor.DiscardPolicy());
        lookers.allowCoreThreadTimeOut(true);
        return lookers;
    }

    private void prepareDirectory() {
        try {
            SourceFiles.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("The directory of source caches cannot be made", e);
        }
    }

    SourceState resolve(StackKey stack, GitSource source, Optional<String> request) throws SourceException {
        try {
            GitUrl url = GitUrl.parse(source.url());
            GitWatch.Registration registration = new GitWatch.Registration(GitWant.of(source), interval(source));
            Optional<GitCredentials> credentials = credentials(stack.namespace(), url, source);
            if (credentials.isEmpty()) {
                poller.forget(stack);
                return new SourceState.Unresolved(
                        Reason.SourceNotReady,
                        "Secret " + source.secretRef().name()
                                + " of spec.project.git.secretRef does not exist; it is waited for");
            }
            GitKey key = new GitKey(url, credentials.get().digest());
            return poller.resolve(stack, key, credentials.get(), registration, request);
        } catch (SourceException e) {
            poller.forget(stack);
            throw e;
        }
    }

    void forget(StackKey stack) {
        poller.forget(stack);
    }

    Set<StackKey> followers() {
        return poller.followers();
    }

    Path fetch(StackKey stack, GitSource source, Revision revision, Path target) throws SourceException {
        GitUrl url = GitUrl.parse(source.url());
        GitWant want = GitWant.of(source);
        GitCredentials credentials = credentials(stack.namespace(), url, source)
                .orElseThrow(() -> new SourceException(
                        Reason.SourceNotReady, "Secret " + source.secretRef().name() + " does not exist"));
        Matcher commit = COMMIT.matcher(revision.revision());
        if (!commit.find()) {
            throw new SourceException(
                    Reason.SourceInvalid, "revision " + revision.revision() + " is not one of a Git repository");
        }
        return cache(new GitKey(url, credentials.digest()))
                .checkout(url, credentials, ObjectId.fromString(commit.group(1)), want.path(), target);
    }

    private Optional<GitCredentials> credentials(String namespace, GitUrl url, GitSource source)
            throws SourceException {
        if (source.secretRef() == null) {
            return Optional.of(GitCredentials.none(url));
        }
        Optional<Map<String, byte[]>> data =
                references.secret(namespace, source.secretRef().name());
        return data.isEmpty()
                ? Optional.empty()
                : Optional.of(GitCredentials.of(url, source.secretRef().name(), data.get()));
    }

    private static Duration interval(GitSource source) throws SourceException {
        if (source.interval() == null) {
            return GitPoller.DEFAULT_INTERVAL;
        }
        try {
            Duration interval = Durations.parse(source.interval());
            return interval.compareTo(GitPoller.MIN_INTERVAL) < 0 ? GitPoller.MIN_INTERVAL : interval;
        } catch (IllegalArgumentException e) {
            throw new SourceException(
                    Reason.InvalidSpec, "spec.project.git.interval must be a duration like 90s, 5m or 1h30m");
        }
    }

    private GitCache cache(GitKey key) {
        return caches.computeIfAbsent(
                key,
                k -> new GitCache(
                        directory.resolve(k.directoryName()), remote, maxBytes, () -> executor.execute(this::trim)));
    }

    /** Deletes the cache of a repository that no Stack follows, unless it is in use; then the next sweep does. */
    private void drop(GitKey key) {
        GitCache cache = caches.get(key);
        if (cache != null && !poller.watched().contains(key) && cache.delete()) {
            caches.remove(key);
        }
    }

    /**
     * Deletes what was used the longest ago of more than there is room for, unless it is in use: it is downloaded again when
     * it is needed.
     */
    private synchronized void trim() {
        List<GitCache> oldestFirst = caches.values().stream()
                .sorted(Comparator.comparingLong(GitCache::usedAt))
                .toList();
        long total = oldestFirst.stream().mapToLong(GitCache::size).sum();
        for (GitCache cache : oldestFirst) {
            if (total <= LARGEST_SOURCES * maxBytes) {
                return;
            }
            long size = cache.size();
            total -= cache.delete() ? size : 0;
        }
    }

    /** Deletes the caches of repositories that no Stack follows, also those an earlier process left. */
    private synchronized void sweep() {
        caches.keySet().forEach(this::drop);
        Set<String> keep = poller.watched().stream().map(GitKey::directoryName).collect(Collectors.toSet());
        caches.keySet().forEach(key -> keep.add(key.directoryName()));
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
            for (Path cache : found) {
                String name = cache.getFileName().toString();
                if (CACHE_NAME.matcher(name).matches() && !keep.contains(name)) {
                    SourceFiles.deleteQuietly(cache);
                }
            }
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("Unused source caches could not be listed");
        }
    }

    @Override
    public void close() {
        poller.close();
        timer.shutdownNow();
        executor.shutdownNow();
    }
}
