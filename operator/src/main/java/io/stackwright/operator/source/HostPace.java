package io.stackwright.operator.source;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Token buckets, one for each host: so many turns at once, then one in every interval.
 *
 * <p>Whoever has to wait is given a turn of its own and asks again when that has come; nobody blocks. A turn that is not
 * taken within a minute is forgotten.
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
     * @param who wants it: the same one keeps the turn that it was given
     * @return zero when it may go ahead now, else how long to wait before asking again
     */
    public synchronized Duration take(String host, Object who) {
        long now = nanoTime.getAsLong();
        buckets.values().removeIf(bucket -> isIdle(bucket, now));
        Bucket bucket = buckets.computeIfAbsent(host, key -> fresh(now));
        Long turn = bucket.turns.get(who);
        if (turn == null) {
            bucket.fullAt = now - bucket.fullAt > 0 ? now : bucket.fullAt;
            turn = bucket.fullAt - tolerance;
            bucket.fullAt += interval;
            bucket.turns.put(who, turn);
        }
        if (turn - now > 0) {
            return Duration.ofNanos(turn - now);
        }
        bucket.turns.remove(who);
        return Duration.ZERO;
    }

    private static Bucket fresh(long now) {
        Bucket bucket = new Bucket();
        bucket.fullAt = now;
        return bucket;
    }

    private static boolean isIdle(Bucket bucket, long now) {
        bucket.turns.values().removeIf(turn -> now - turn > KEPT);
        return bucket.turns.isEmpty() && now - bucket.fullAt > 0;
    }
}
