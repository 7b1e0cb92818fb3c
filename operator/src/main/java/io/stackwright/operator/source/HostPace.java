package io.stackwright.operator.source;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Token buckets, one for each host: so many turns at once, then one in every interval.
 *
 * <p>Whoever has to wait is told how long, and asks again then; nobody blocks. Namespaces take turns, so that may be later
 * when those of others have come meanwhile. A turn that is not taken within a minute is forgotten.
 */
public final class HostPace {

    private static final long KEPT = Duration.ofMinutes(1).toNanos();

    private final long interval;
    private final long tolerance;
    private final LongSupplier nanoTime;
    private final Map<String, Bucket> buckets = new HashMap<>();

    private static final class Bucket {
        /** When the bucket will be full again. */
        private long fullAt;

        private final FairQueue waiting = new FairQueue();

        /** Since when those have a turn who have not taken it. */
        private final Map<Object, Long> turns = new HashMap<>();
    }

    /**
     * Creates the buckets.
     *
     * @param burst turns at once
     * @param interval between two turns after that
     * @param nanoTime a clock that only goes forward
     */
    public HostPace(int burst, Duration interval, LongSupplier nanoTime) {
        this.interval = interval.toNanos();
        this.tolerance = this.interval * (burst - 1);
        this.nanoTime = nanoTime;
    }

    /**
     * Takes a turn.
     *
     * @param namespaces on whose behalf; the one that has the fewest others waiting counts
     * @param who wants it: the same one keeps its place
     * @return zero when it may go ahead now, else how long to wait before asking again
     */
    public synchronized Duration take(String host, Collection<String> namespaces, Object who) {
        long now = nanoTime.getAsLong();
        buckets.values().removeIf(bucket -> isIdle(bucket, now));
        Bucket bucket = buckets.computeIfAbsent(host, key -> fresh(now));
        if (!bucket.turns.containsKey(who)) {
            if (bucket.waiting.isEmpty() && now - bucket.fullAt > 0) {
                bucket.fullAt = now;
            }
            bucket.waiting.add(who, namespaces);
            serve(bucket, now);
        }
        if (bucket.turns.remove(who) != null) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(bucket.fullAt - tolerance - now + interval * bucket.waiting.before(who));
    }

    /** Gives out the turns that have come. */
    private void serve(Bucket bucket, long now) {
        while (!bucket.waiting.isEmpty() && bucket.fullAt - tolerance - now <= 0) {
            bucket.turns.put(bucket.waiting.next(), now);
            bucket.fullAt += interval;
        }
    }

    private static Bucket fresh(long now) {
        Bucket bucket = new Bucket();
        bucket.fullAt = now;
        return bucket;
    }

    private boolean isIdle(Bucket bucket, long now) {
        serve(bucket, now);
        bucket.turns.values().removeIf(turn -> now - turn > KEPT);
        return bucket.waiting.isEmpty() && bucket.turns.isEmpty() && now - bucket.fullAt > 0;
    }
}
