package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this process may change anything: it holds the lease, and renewed it less than the renew deadline ago by a
 * clock that only goes forward. The time that a process spends stopped counts.
 *
 * <p>The framework elects; this class judges. The framework goes by the wall clock, notices a loss only between two
 * requests, and lets a reconcile that was under way go on.
 *
 * <p>A lease that was lost is never taken again: the process has to end.
 */
public final class Leadership {

    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
    private static final Duration LONGEST_NAP = Duration.ofMillis(500);
    private static final int RELEASE_ATTEMPTS = 3;

    private enum State {
        STANDING_BY,
        LEADING,
        LOST,
        LEFT
    }

    private final Optional<Terms> terms;
    private final LongSupplier nanoTime;
    private State state = State.STANDING_BY;
    private boolean renewed;
    private long renewedAt;
    private String leader = "";
    private Runnable onLoss = () -> {};

    /**
     * What is competed for.
     *
     * @param namespace of the lease
     * @param name of the lease
     * @param identity of this process; no other one, earlier ones of this pod included, may have the same
     * @param duration how long others wait after the last renewal
     * @param renewDeadline how long after its last renewal the holder still acts; shorter than the duration
     * @param retryPeriod between two attempts to take or renew it
     */
    public record Terms(
            String namespace,
            String name,
            String identity,
            Duration duration,
            Duration renewDeadline,
            Duration retryPeriod) {}

    private Leadership(Optional<Terms> terms, LongSupplier nanoTime) {
        this.terms = terms;
        this.nanoTime = nanoTime;
    }

    /** For an operator that is the only one: it always leads. */
    public static Leadership alone() {
        return new Leadership(Optional.empty(), System::nanoTime);
    }

    /** For one of several operators. */
    public static Leadership elected(Terms terms) {
        return elected(terms, System::nanoTime);
    }

    static Leadership elected(Terms terms, LongSupplier nanoTime) {
        return new Leadership(Optional.of(terms), nanoTime);
    }

    /** Whether there is a lease to compete for. */
    public boolean isElected() {
        return terms.isPresent();
    }

    /** What the framework needs for the election; empty for a single operator. */
    public Optional<LeaderElectionConfiguration> election() {
        return terms.map(t -> LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(t.name())
                .withLeaseNamespace(t.namespace())
                .withIdentity(t.identity())
                .withLeaseDuration(t.duration())
                .withRenewDeadline(t.renewDeadline())
                .withRetryPeriod(t.retryPeriod())
                .withExitOnStopLeading(false)
                .withLeaderCallbacks(new LeaderCallbacks(this::elected, this::ended, this::observed))
                .build());
    }

    /**
     * Must be called right before anything is changed outside of this process.
     *
     * @throws NotLeadingException when this process may not
     */
    public void require() {
        if (!mayAct()) {
            throw new NotLeadingException(role().orElse("this operator does not lead"));
        }
    }

    /** Whether this process may change anything now. */
    public boolean mayAct() {
        if (terms.isEmpty()) {
            return true;
        }
        synchronized (this) {
            boolean holds = state == State.LEADING || state == State.LEFT;
            return holds && isFresh();
        }
    }

    /** In a line for people; empty for a single operator. */
    public synchronized Optional<String> role() {
        return terms.map(t -> switch (state) {
            case LEADING ->
                isFresh()
                        ? "leading"
                        : "the lease was not renewed for " + t.renewDeadline().toMillis() + " ms";
            case STANDING_BY -> leader.isEmpty() ? "standing by" : "standing by, " + leader + " leads";
            case LOST -> "the lease was lost; running operations are asked to stop";
            case LEFT -> "shutting down";
        });
    }

    /** Why this process must not count as available; a standby may. */
    public synchronized Optional<String> unavailability() {
        return state == State.LOST || state == State.LEFT ? role() : Optional.empty();
    }

    /**
     * Watches the lease from now on, on a thread of its own.
     *
     * @param lost called once, on that thread, when it was lost; not after {@link #leave}
     */
    public synchronized void watch(Runnable lost) {
        if (terms.isPresent()) {
            onLoss = lost;
            Thread.ofPlatform().name("lease-watch").daemon().start(this::watch);
        }
    }

    /** The process is about to end by itself: that the election ends is no loss. The lease is kept until released. */
    public synchronized void leave() {
        if (state != State.LOST) {
            state = State.LEFT;
        }
        notifyAll();
    }

    /**
     * Gives the lease up, so that another process need not wait for its end. To be called when nothing of this one can
     * act any more.
     *
     * @param client one that is not fenced
     */
    public void release(KubernetesClient client) {
        if (terms.isEmpty()) {
            return;
        }
        synchronized (this) {
            renewed = false;
        }
        for (int attempt = 0; attempt < RELEASE_ATTEMPTS; attempt++) {
            try {
                release(client, terms.get());
                return;
            } catch (KubernetesClientException e) {
                // A renewal under way may have come between.
                LOG.atDebug().setCause(e).log("the lease was not released");
            }
        }
    }

    private static void release(KubernetesClient client, Terms terms) {
        Lease lease = client.leases()
                .inNamespace(terms.namespace())
                .withName(terms.name())
                .get();
        if (lease != null && terms.identity().equals(lease.getSpec().getHolderIdentity())) {
            lease.getSpec().setHolderIdentity("");
            lease.getSpec().setLeaseDurationSeconds(1);
            client.resource(lease).update();
            LOG.atInfo().log("lease released");
        }
    }

    /** The lease was written by this process. {@code asked}: monotonic time before the renewal began. */
    synchronized void renewed(long asked) {
        if (!renewed || asked - renewedAt > 0) {
            renewedAt = asked;
            renewed = true;
            notifyAll();
        }
    }

    long now() {
        return nanoTime.getAsLong();
    }

    private synchronized void elected() {
        if (state == State.STANDING_BY) {
            state = State.LEADING;
            LOG.atInfo().log("leading");
            notifyAll();
        }
    }

    private synchronized void ended() {
        if (state == State.LEADING) {
            state = State.LOST;
            notifyAll();
        }
    }

    private synchronized void observed(String holder) {
        leader = holder == null ? "" : holder;
    }

    private boolean isFresh() {
        return renewed && age() < terms.orElseThrow().renewDeadline().toNanos();
    }

    private long age() {
        return nanoTime.getAsLong() - renewedAt;
    }

    private void watch() {
        try {
            if (awaitLoss()) {
                onLoss.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean awaitLoss() throws InterruptedException {
        while (true) {
            if (state == State.LEADING && !isFresh()) {
                state = State.LOST;
            }
            if (state == State.LOST || state == State.LEFT) {
                return state == State.LOST;
            }
            wait(LONGEST_NAP.toMillis());
        }
    }
}
