package io.stackwright.operator.kube;

import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RegisteredController;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Whether the operator is alive and ready, for probes.
 *
 * <p>An informer that reconnects its watch counts as healthy; one that has stopped, or lost its cache, for a minute
 * without a break needs a restart. The framework does not notice everything that can go wrong in it, hence the check of
 * one's own.
 */
public final class OperatorHealth {

    private static final Duration GRACE = Duration.ofSeconds(60);

    private final BooleanSupplier started;
    private final Supplier<List<String>> brokenInformers;
    private final Supplier<Optional<String>> progress;
    private final LongSupplier nanoTime;
    private final long grace;
    private boolean failing;
    private long failingSince;

    /**
     * @param operator started or not
     * @param progress what keeps the operator from making progress, in a line; empty when it does
     */
    public static OperatorHealth of(Operator operator, Supplier<Optional<String>> progress) {
        return new OperatorHealth(
                () -> operator.getRuntimeInfo().isStarted(),
                () -> brokenInformers(operator),
                progress,
                System::nanoTime,
                GRACE);
    }

    OperatorHealth(
            BooleanSupplier started,
            Supplier<List<String>> brokenInformers,
            Supplier<Optional<String>> progress,
            LongSupplier nanoTime,
            Duration grace) {
        this.started = started;
        this.brokenInformers = brokenInformers;
        this.progress = progress;
        this.nanoTime = nanoTime;
        this.grace = grace.toNanos();
    }

    /** Why the operator should be restarted; empty while it may live. Before the start it is alive. */
    public synchronized Optional<String> liveness() {
        Optional<String> failure = started.getAsBoolean() ? failure() : Optional.empty();
        if (failure.isEmpty()) {
            failing = false;
            return Optional.empty();
        }
        if (!failing) {
            failing = true;
            failingSince = nanoTime.getAsLong();
        }
        return nanoTime.getAsLong() - failingSince >= grace ? failure : Optional.empty();
    }

    /** Why the operator does not work yet; empty when it has started and its caches are complete. */
    public Optional<String> readiness() {
        return started.getAsBoolean() ? informers() : Optional.of("not started");
    }

    private Optional<String> failure() {
        return informers().or(progress);
    }

    private Optional<String> informers() {
        List<String> broken = brokenInformers.get();
        return broken.isEmpty() ? Optional.empty() : Optional.of("not synced: " + String.join(", ", broken));
    }

    private static List<String> brokenInformers(Operator operator) {
        List<String> broken = new ArrayList<>();
        for (RegisteredController<?> controller : operator.getRegisteredControllers()) {
            controller
                    .getControllerHealthInfo()
                    .informerEventSourceHealthIndicators()
                    .forEach((name, source) -> {
                        Map<?, ?> informers = source.informerHealthIndicators();
                        if (informers.values().stream().anyMatch(OperatorHealth::isBroken)) {
                            broken.add(name);
                        }
                    });
        }
        return broken;
    }

    private static boolean isBroken(Object indicator) {
        return indicator instanceof InformerHealthIndicator informer
                && (!informer.isRunning() || !informer.hasSynced());
    }
}
