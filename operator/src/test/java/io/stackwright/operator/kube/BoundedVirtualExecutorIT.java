package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.rate.LinearRateLimiter;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BoundedVirtualExecutorIT {

    private static final Duration BEAT = Duration.ofMillis(50);

    private final AtomicInteger beats = new AtomicInteger();

    @Test
    void oneRejectionStillEndsAllReschedulesOfAController() {
        // given
        AtomicBoolean reject = new AtomicBoolean();
        AtomicBoolean rejected = new AtomicBoolean();
        ExecutorService rejecting = new ThreadPoolExecutor(8, 8, 1, TimeUnit.MINUTES, new SynchronousQueue<>()) {
            @Override
            public void execute(Runnable task) {
                if (reject.getAndSet(false)) {
                    rejected.set(true);
                    throw new RejectedExecutionException("expected in this test");
                }
                super.execute(task);
            }
        };
        try (RunningOperator running =
                new RunningOperator(new Beating(), rejecting, BoundedVirtualExecutorIT::unlimited)) {
            running.create("one");
            running.create("two");
            await().dontCatchUncaughtExceptions().until(() -> beats.get() > 10);

            // when
            reject.set(true);
            await().dontCatchUncaughtExceptions().untilTrue(rejected);

            // then: what runs may end, then there is silence
            AtomicInteger last = new AtomicInteger(-1);
            await().dontCatchUncaughtExceptions()
                    .pollInterval(BEAT.multipliedBy(20))
                    .until(() -> last.getAndSet(beats.get()) == beats.get());
        } finally {
            rejecting.shutdownNow();
        }
    }

    @Test
    void hundredsOfReschedulesAtOnceAreFineWithOurs() {
        // given
        BoundedVirtualExecutor executor = new BoundedVirtualExecutor("reconcile", 2);
        try (RunningOperator running =
                new RunningOperator(new Beating(), executor, BoundedVirtualExecutorIT::unlimited)) {
            for (int i = 0; i < 100; i++) {
                running.create("c" + i);
            }
            await().until(() -> beats.get() > 1_000);

            // when
            int before = beats.get();

            // then: still beating
            await().until(() -> beats.get() > before + 1_000);
            assertThat(running.operator.getRuntimeInfo().allEventSourcesAreHealthy())
                    .isTrue();
        } finally {
            executor.shutdownNow();
        }
    }

    private static void unlimited(ControllerConfigurationOverrider<ConfigMap> configuration) {
        configuration.withRateLimiter(LinearRateLimiter.deactivatedRateLimiter());
    }

    /** Wants to be called again and again. */
    private final class Beating implements Reconciler<ConfigMap> {

        @Override
        public UpdateControl<ConfigMap> reconcile(ConfigMap object, Context<ConfigMap> context) {
            beats.incrementAndGet();
            return UpdateControl.<ConfigMap>noUpdate().rescheduleAfter(BEAT);
        }
    }
}
