package io.stackwright.operator.kube;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Notices when the framework does not go on: a reconcile that began does not end, or one that is due does not come. So
 * it is when the framework's only timer thread has died, and when a resource counts as being reconciled for ever; its
 * own health knows neither. There is nothing to notice about resources that wait for nothing.
 */
final class ReconcileProgress {

    /**
     * Far above what an API server that hangs can make of one reconcile, because the restart that follows interrupts
     * all runs.
     */
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Map<ResourceID, Expected> expected = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;
    private volatile Predicate<ResourceID> reconciled = resource -> true;

    ReconcileProgress() {
        this(System::nanoTime);
    }

    ReconcileProgress(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** @param at when it began, or is due */
    private record Expected(boolean underWay, long at) {}

    /** @param reconciled whether the framework would reconcile such a resource at all; asked when one is overdue */
    void watch(Predicate<ResourceID> reconciled) {
        this.reconciled = reconciled;
    }

    void began(ResourceID resource) {
        expected.put(resource, new Expected(true, nanoTime.getAsLong()));
    }

    /** @param next when it is to be reconciled again; empty when only a change is a reason for it */
    void ended(ResourceID resource, Optional<Duration> next) {
        expected.remove(resource);
        next.ifPresent(delay -> expect(resource, delay));
    }

    /** A reconcile is due after this delay, or before. */
    void expect(ResourceID resource, Duration delay) {
        long due = nanoTime.getAsLong() + delay.toNanos();
        expected.merge(resource, new Expected(false, due), (a, b) -> a.at() - b.at() <= 0 ? a : b);
    }

    /** What does not go on, in a line; empty when all does. */
    Optional<String> stuck() {
        long now = nanoTime.getAsLong();
        for (var entry : expected.entrySet()) {
            Expected one = entry.getValue();
            if (now - one.at() < LIMIT.toNanos()) {
                continue;
            }
            ResourceID resource = entry.getKey();
            if (one.underWay() || reconciled.test(resource)) {
                return Optional.of(line(resource, one));
            }
            expected.remove(resource, one);
        }
        return Optional.empty();
    }

    private static String line(ResourceID resource, Expected one) {
        String name = resource.getNamespace().map(namespace -> namespace + "/").orElse("") + resource.getName();
        return one.underWay()
                ? "the reconcile of " + name + " has been under way for " + LIMIT.toMinutes() + " minutes"
                : "the reconcile of " + name + " has been due for " + LIMIT.toMinutes() + " minutes";
    }
}
