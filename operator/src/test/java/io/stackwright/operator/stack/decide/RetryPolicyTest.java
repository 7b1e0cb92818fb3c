package io.stackwright.operator.stack.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

    private static final Duration LIMIT = Duration.ofHours(1);
    private static final double MIDDLE = 0.5;

    @Test
    void delaysGrowByTheFactorUpToTheLimit() {
        // given
        RetryPolicy policy = new RetryPolicy(Duration.ofSeconds(10), 2, Optional.empty());

        // when, then
        assertThat(policy.delay(1, LIMIT, MIDDLE)).isEqualTo(Duration.ofSeconds(10));
        assertThat(policy.delay(2, LIMIT, MIDDLE)).isEqualTo(Duration.ofSeconds(20));
        assertThat(policy.delay(5, LIMIT, MIDDLE)).isEqualTo(Duration.ofSeconds(160));
        assertThat(policy.delay(100_000, LIMIT, MIDDLE)).isEqualTo(LIMIT);
    }

    @Test
    void theStacksOwnMaximumWins() {
        // given
        RetryPolicy policy = new RetryPolicy(Duration.ofSeconds(10), 10, Optional.of(Duration.ofSeconds(30)));

        // when, then
        assertThat(policy.delay(7, LIMIT, MIDDLE)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void jitterStaysWithinAFifth() {
        // given
        RetryPolicy policy = RetryPolicy.DEFAULT;

        // when, then
        assertThat(policy.delay(1, LIMIT, 0)).isEqualTo(Duration.ofSeconds(8));
        assertThat(policy.delay(1, LIMIT, 0.999999)).isBetween(Duration.ofMillis(11_999), Duration.ofSeconds(12));
    }
}
