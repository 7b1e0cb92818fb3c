package io.stackwright.operator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RequestThreadsTest {

    private final RequestThreads threads = new RequestThreads(2);
    private final List<String> ended = new CopyOnWriteArrayList<>();
    private final List<String> interrupted = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        threads.close();
    }

    @Test
    void oneMoreEndsTheOldest() {
        // when
        hang("first");
        hang("second");
        hang("third");

        // then
        await().untilAsserted(() -> assertThat(interrupted).containsExactly("first"));
        hang("fourth");
        await().untilAsserted(() -> assertThat(interrupted).containsExactly("first", "second"));
    }

    @Test
    void whatHasEndedDoesNotCount() throws Exception {
        // given
        hang("first");

        // when
        for (int i = 0; i < 5; i++) {
            CompletableFuture<Thread> answered = new CompletableFuture<>();
            threads.execute(() -> answered.complete(Thread.currentThread()));
            answered.get().join();
        }

        // then
        assertThat(interrupted).isEmpty();
    }

    @Test
    void closingEndsAllAndWaitsForThem() {
        // given
        hang("first");
        hang("second");

        // when
        threads.close();

        // then
        assertThat(ended).containsExactlyInAnyOrder("first", "second");
    }

    private void hang(String name) {
        threads.execute(() -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.add(name);
            }
            ended.add(name);
        });
    }
}
