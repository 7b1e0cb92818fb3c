package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Liveness of the real framework that is stuck, by a clock that the test moves. */
class ReconcileProgressIT {

    private static final Duration BEAT = Duration.ofMillis(50);

    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicBoolean reject = new AtomicBoolean();
    private final AtomicBoolean rejected = new AtomicBoolean();
    private final ReconcileGuard guard = new ReconcileGuard(
            "guards",
            object -> Map.of(),
            (controller, succeeded) -> calls.incrementAndGet(),
            new ReconcileGate(),
            new ReconcileProgress(now::get));
    private final OperatorHealth health =
            new OperatorHealth(() -> true, List::of, guard::stuck, now::get, Duration.ofMinutes(1));
    private final ThreadPoolExecutor executor =
            new ThreadPoolExecutor(8, 8, 1, TimeUnit.MINUTES, new SynchronousQueue<>()) {
                @Override
                public void execute(Runnable task) {
                    if (reject.getAndSet(false)) {
                        rejected.set(true);
                        throw new RejectedExecutionException("expected in this test");
                    }
                    super.execute(task);
                }
            };

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    @Test
    void anIdleOperatorIsAlive() {
        try (RunningOperator running = running(UpdateControl::noUpdate)) {
            // given
            running.create("idle");
            await().until(() -> calls.get() > 0);

            // when
            pass(Duration.ofDays(30));

            // then
            assertThat(healthAfterAWhile()).isTrue();
        }
    }

    @Test
    void aReconcileThatIsBlockedEndsLivenessAndItsEndBringsItBack() {
        // given
        CountDownLatch block = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        try (RunningOperator running = running(() -> {
            blocked.countDown();
            awaitUninterrupted(block);
            return UpdateControl.noUpdate();
        })) {
            running.create("blocked");
            await().until(() -> blocked.getCount() == 0);

            // when
            pass(Duration.ofMinutes(9));

            // then
            assertThat(healthAfterAWhile()).isTrue();
            pass(Duration.ofMinutes(1));
            assertThat(healthAfterAWhile()).isFalse();
            assertThat(health.readiness()).isEmpty();

            // when
            block.countDown();

            // then
            await().until(this::healthAfterAWhile);
        }
    }

    @Test
    void aTimerThatHasDiedEndsLiveness() {
        try (RunningOperator running =
                running(() -> UpdateControl.<ConfigMap>noUpdate().rescheduleAfter(BEAT))) {
            // given
            running.create("beating");
            await().until(() -> calls.get() > 3);

            // when: the rejection ends the framework's timer thread, as BoundedVirtualExecutorIT shows
            reject.set(true);
            await().dontCatchUncaughtExceptions().untilTrue(rejected);
            pass(Duration.ofMinutes(11));

            // then
            await().dontCatchUncaughtExceptions().until(() -> !healthAfterAWhile());
        }
    }

    private RunningOperator running(Supplier<UpdateControl<ConfigMap>> answer) {
        Reconciler<ConfigMap> reconciler = new Reconciler<>() {
            @Override
            public UpdateControl<ConfigMap> reconcile(ConfigMap object, Context<ConfigMap> context) {
                return answer.get();
            }
        };
        return new RunningOperator(new GuardedReconciler<ConfigMap>(reconciler, guard) {}, executor, x -> {});
    }

    /** A probe, and another one when a failure must have lasted. */
    private boolean healthAfterAWhile() {
        health.liveness();
        pass(Duration.ofMinutes(1));
        return health.liveness().isEmpty();
    }

    private void pass(Duration duration) {
        now.addAndGet(duration.toNanos());
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
