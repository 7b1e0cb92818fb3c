package io.stackwright.operator.source;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at repositories on behalf of Stacks: one listing per (repository, credential) and interval, however many
 * Stacks, branches and paths follow it.
 */
final class GitPoller implements AutoCloseable {

    static final Duration DEFAULT_INTERVAL = Duration.ofMinutes(1);
    static final Duration MIN_INTERVAL = Duration.ofSeconds(10);

    /** A new Stack is content with a listing this old, and the wishes of people bring listings no closer together. */
    static final Duration FRESH = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(GitPoller.class);
    private static final double JITTER = 0.1;
    private static final Duration FIRST_RETRY = Duration.ofSeconds(10);
    private static final Duration LAST_RETRY = Duration.ofMinutes(5);
    /** So many that were not looked at yet are looked at without delay. */
    private static final int AT_ONCE = 8;

    private static final Duration SPREAD_PER_REPOSITORY = Duration.ofMillis(100);
    private static final Duration MAX_SPREAD = Duration.ofSeconds(30);

    /**
     * When looks are due.
     *
     * @param random uniform in [0, 1)
     * @param pace when a host may be asked
     * @param patience how long a person's wish waits for a look
     */
    record Timing(Scheduler scheduler, DoubleSupplier random, HostPace pace, Duration patience) {}

    private final Scheduler scheduler;
    private final LookTurns turns;
    private final DoubleSupplier random;
    private final Consumer<StackKey> waker;
    private final Function<GitKey, GitCache> caches;
    private final Consumer<GitKey> unused;
    private final HostPace pace;
    private final Duration patience;
    private final Map<GitKey, GitWatch> watches = new HashMap<>();
    private final Map<StackKey, GitWatch> byStack = new HashMap<>();
    private boolean closed;

    /**
     * @param executor runs looks, {@link LookTurns#AT_ONCE} at once; they block
     * @param unused told of repositories that no Stack follows any more; must not block
     */
    GitPoller(
            Timing timing,
            Executor executor,
            Consumer<StackKey> waker,
            Function<GitKey, GitCache> caches,
            Consumer<GitKey> unused) {
        this.scheduler = timing.scheduler();
        this.random = timing.random();
        this.pace = timing.pace();
        this.patience = timing.patience();
        this.turns = new LookTurns(executor);
        this.waker = waker;
        this.caches = caches;
        this.unused = unused;
    }

    /** What is known; from now on the Stack is woken when it changes, and when its request has been answered. */
    synchronized SourceState resolve(
            StackKey stack,
            GitKey key,
            GitCredentials credentials,
            GitWatch.Registration registration,
            Optional<String> request) {
        GitWatch before = byStack.get(stack);
        if (before != null && !before.key().equals(key)) {
            forget(stack);
        }
        Instant now = scheduler.now();
        boolean isNew = !watches.containsKey(key);
        GitWatch watch = watches.computeIfAbsent(
                key, k -> new GitWatch(k, credentials, caches.apply(k), now, scheduler.timeOfDay()));
        Duration intervalBefore = watch.interval();
        boolean newcomer = !watch.isFollowedFrom(stack.namespace());
        watch.join(stack, registration);
        byStack.put(stack, watch);
        Optional<String> open = request.filter(text -> !watch.isFinal(registration.want()));
        boolean asked = watch.asks.note(stack, open);
        if (asked) {
            scheduler.after(patience, () -> giveUp(watch, stack, open.get()));
        }
        if (isNew) {
            watch.listAt = now.plus(firstDelay(stack.namespace()));
            plan(watch);
        } else if (asked) {
            bringForward(watch, latest(now, watch.startedAt.plus(FRESH)));
        } else if (newcomer && !watch.wasStarted()) {
            // Its turn may come before that of those who wait for the same.
            bringForward(watch, now.plus(firstDelay(stack.namespace())));
        } else if (watch.answer(registration.want()) instanceof SourceState.Pending) {
            lookForMore(watch, now);
        } else if (registration.interval().compareTo(intervalBefore) < 0) {
            bringForward(watch, now.plus(jittered(registration.interval())));
        }
        SourceState answer = watch.answer(registration.want());
        return watch.asks.isOpen(stack) ? new SourceState.Looking(answer) : answer;
    }

    /** A wish that takes too long is carried out with what is known, as when the remote is away. */
    private void giveUp(GitWatch watch, StackKey stack, String request) {
        synchronized (this) {
            if (closed || !watch.asks.giveUp(stack, request)) {
                return;
            }
        }
        waker.accept(stack);
    }

    /** Stops watching. */
    synchronized void forget(StackKey stack) {
        GitWatch watch = byStack.remove(stack);
        if (watch == null) {
            return;
        }
        watch.leave(stack);
        if (watch.isUnused()) {
            watches.remove(watch.key());
            watch.ticket++;
            unused.accept(watch.key());
        }
    }

    synchronized Set<StackKey> followers() {
        return new HashSet<>(byStack.keySet());
    }

    synchronized Set<GitKey> watched() {
        return new HashSet<>(watches.keySet());
    }

    @Override
    public synchronized void close() {
        closed = true;
        watches.values().forEach(watch -> watch.ticket++);
        watches.clear();
        byStack.clear();
    }

    /** Few repositories of a namespace are looked at at once; many, as after a restart, over some seconds. */
    private Duration firstDelay(String namespace) {
        long waiting = watches.values().stream()
                .filter(watch -> watch.isFollowedFrom(namespace) && watch.hasUnanswered())
                .count();
        if (waiting < AT_ONCE) {
            return Duration.ZERO;
        }
        Duration spread = SPREAD_PER_REPOSITORY.multipliedBy(waiting);
        return scaled(spread.compareTo(MAX_SPREAD) < 0 ? spread : MAX_SPREAD, random.getAsDouble());
    }

    /** Somebody joined who wants what was not looked for yet. */
    private void lookForMore(GitWatch watch, Instant now) {
        if (!watch.wasStarted()) {
            return;
        }
        if (now.isAfter(watch.listedAt.plus(FRESH))) {
            bringForward(watch, latest(now, watch.startedAt.plus(FRESH)));
        } else {
            plan(watch);
        }
    }

    private void bringForward(GitWatch watch, Instant at) {
        if (watch.listAt == null || at.isBefore(watch.listAt)) {
            watch.listAt = at;
        }
        plan(watch);
    }

    private void plan(GitWatch watch) {
        if (closed || watch.running || watch.isUnused()) {
            return;
        }
        Instant now = scheduler.now();
        boolean immediately = watch.hasUnanswered() && watch.wasStarted() && watch.failures == 0;
        Instant at = immediately ? now : watch.listAt;
        if (at == null) {
            return;
        }
        long ticket = ++watch.ticket;
        Duration delay = at.isBefore(now) ? Duration.ZERO : Duration.between(now, at);
        scheduler.after(delay, () -> start(watch, ticket));
    }

    private synchronized void start(GitWatch watch, long ticket) {
        if (closed || watch.ticket != ticket || watch.running || watch.isUnused()) {
            return;
        }
        Duration wait = pace.take(watch.key().url().host(), watch.namespaces(), watch.key());
        if (!wait.isZero()) {
            // The ticket stays good: whatever plans the watch anew meanwhile takes the turn that was given to it.
            scheduler.after(wait.plusMillis(1), () -> start(watch, ticket));
            return;
        }
        watch.running = true;
        turns.submit(watch.namespaces(), () -> look(watch));
    }

    private void look(GitWatch watch) {
        Set<GitWant> wants;
        boolean list;
        synchronized (this) {
            Instant now = scheduler.now();
            list = watch.listAt != null && !now.isBefore(watch.listAt);
            wants = watch.wants();
            watch.startedAt = now;
            if (list) {
                watch.asks.listingBegins();
            }
        }
        GitWatch.Findings findings;
        try {
            findings = watch.look(wants, list);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            LOG.atError()
                    .addKeyValue("repository", watch.key().url().text())
                    .setCause(e)
                    .log("Looking at a source failed");
            findings = watch.broken(wants);
        }
        Set<StackKey> concerned;
        synchronized (this) {
            concerned = new HashSet<>(watch.adopt(findings));
            if (list) {
                concerned.addAll(watch.asks.listingEnds());
            }
            finish(watch, list, findings.refs().isPresent(), findings.unavailable());
            if (closed) {
                return;
            }
        }
        concerned.forEach(waker);
    }

    private void finish(GitWatch watch, boolean listed, boolean gotRefs, boolean unavailable) {
        Instant now = scheduler.now();
        watch.running = false;
        if (gotRefs) {
            watch.listedAt = now;
        }
        if (unavailable) {
            watch.failures++;
            watch.listAt = now.plus(retryDelay(watch.failures));
        } else {
            watch.failures = 0;
            watch.goodAt = scheduler.timeOfDay();
            if (watch.isSettled()) {
                watch.listAt = null;
            } else if (listed || gotRefs || watch.listAt == null) {
                watch.listAt = now.plus(jittered(watch.interval()));
            }
        }
        if (watch.asks.wantListing()) {
            bringForward(watch, latest(now, watch.startedAt.plus(FRESH)));
        } else {
            plan(watch);
        }
    }

    private Duration retryDelay(int failures) {
        Duration delay = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 10));
        return jittered(delay.compareTo(LAST_RETRY) < 0 ? delay : LAST_RETRY);
    }

    private Duration jittered(Duration duration) {
        return scaled(duration, 1 - JITTER + 2 * JITTER * random.getAsDouble());
    }

    private static Duration scaled(Duration duration, double factor) {
        return Duration.ofMillis(Math.round(duration.toMillis() * factor));
    }

    private static Instant latest(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
