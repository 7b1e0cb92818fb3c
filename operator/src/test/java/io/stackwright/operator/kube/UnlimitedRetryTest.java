package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class UnlimitedRetryTest {

    @Test
    void delaysGrowToAMinuteAndNeverEnd() {
        // given
        RetryExecution execution = new UnlimitedRetry(() -> 0.5).initExecution();

        // when
        List<Long> delays = Stream.generate(() -> execution.nextDelay().orElseThrow())
                .limit(9)
                .toList();
        Stream.generate(execution::nextDelay)
                .limit(1000)
                .forEach(delay -> assertThat(delay).hasValue(60_000L));

        // then
        assertThat(delays).containsExactly(1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 32_000L, 60_000L, 60_000L, 60_000L);
        assertThat(execution.isLastAttempt()).isFalse();
        assertThat(execution.getAttemptCount()).isEqualTo(1009);
    }

    @Test
    void delaysAreSpreadByAQuarter() {
        assertThat(new UnlimitedRetry(() -> 0).initExecution().nextDelay()).hasValue(750L);
        assertThat(new UnlimitedRetry(() -> 1).initExecution().nextDelay()).hasValue(1_250L);
    }

    @Test
    void theFrameworksOwnRetryStillGivesUp() {
        // given
        RetryExecution execution = GenericRetry.defaultLimitedExponentialRetry().initExecution();

        // then
        assertThat(Stream.generate(execution::nextDelay).limit(6))
                .last()
                .satisfies(delay -> assertThat(delay).isEmpty());
    }
}
