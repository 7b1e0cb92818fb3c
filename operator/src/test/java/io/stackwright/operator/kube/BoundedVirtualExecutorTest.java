package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BoundedVirtualExecutorTest {

    private static final int LIMIT = 4;

    private final BoundedVirtualExecutor executor = new BoundedVirtualExecutor("test", LIMIT);
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final CountDownLatch gate = new CountDownLatch(1);

    @AfterEach
    void stop() {
        gate.countDown();
        executor.shutdownNow();
    }

    @Test
    void theCallerNeverWaitsAndTheBoundHolds() {
        // when: more tasks than any queue would take, none of which can end
        for (int i = 0; i < 10_000; i++) {
            executor.execute(this::work);
        }

        // then
        await().untilAtomic(running, is(LIMIT));
        gate.countDown();
        await().untilAtomic(done, is(10_000));
        assertThat(most).hasValue(LIMIT);
    }

    @Test
    void aFailingTaskGivesItsSlotBack() {
        // when
        for (int i = 0; i < LIMIT; i++) {
            executor.execute(() -> {
                throw new NoClassDefFoundError("expected in this test");
            });
        }
        gate.countDown();
        executor.execute(this::work);

        // then
        await().dontCatchUncaughtExceptions().untilAtomic(done, is(1));
    }

    @Test
    void anExceptionEndsItsTaskAndNothingElse() {
        // when
        executor.execute(() -> {
            throw new IllegalStateException("expected in this test");
        });
        gate.countDown();
        executor.execute(this::work);

        // then nothing is left to a thread's handler of last resort, which Awaitility would see
        await().untilAtomic(done, is(1));
    }

    @Test
    void tasksRunOnVirtualThreads() throws Exception {
        assertThat(executor.submit(() -> Thread.currentThread().isVirtual()).get())
                .isTrue();
    }

    @Test
    void afterAShutdownTasksAreDroppedNotRejected() throws Exception {
        // given
        executor.shutdown();

        // when
        executor.execute(this::work);

        // then
        assertThat(executor.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
        assertThat(running).hasValue(0);
    }

    @Test
    void waitingTasksEndWithAHardShutdown() throws Exception {
        // given
        for (int i = 0; i < 100; i++) {
            executor.execute(this::work);
        }
        await().untilAtomic(running, is(LIMIT));

        // when
        executor.shutdownNow();

        // then
        assertThat(executor.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
        assertThat(most).hasValue(LIMIT);
        assertThat(done).hasValue(0);
    }

    private void work() {
        most.accumulateAndGet(running.incrementAndGet(), Math::max);
        try {
            gate.await();
            done.incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running.decrementAndGet();
        }
    }
}
