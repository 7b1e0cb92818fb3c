package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.javaoperatorsdk.operator.processing.event.rate.LinearRateLimiter;
import io.javaoperatorsdk.operator.processing.event.rate.RateLimiter;
import io.stackwright.operator.kube.SlidingRateLimiter.Starts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SlidingRateLimiterTest {

    private static final Duration PERIOD = Duration.ofSeconds(10);

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final SlidingRateLimiter limiter = new SlidingRateLimiter(2, PERIOD, now::get);

    @Test
    void theAnswerIsTheTimeThatRemains() {
        // given
        Starts starts = limiter.initState();
        assertThat(limiter.isLimited(starts)).isEmpty();
        advance(Duration.ofSeconds(3));
        assertThat(limiter.isLimited(starts)).isEmpty();

        // when
        advance(Duration.ofSeconds(1));

        // then
        assertThat(limiter.isLimited(starts)).hasValue(Duration.ofMillis(6_001));
        advance(Duration.ofMillis(6_001));
        assertThat(limiter.isLimited(starts)).isEmpty();
        assertThat(limiter.isLimited(starts))
                .hasValueSatisfying(
                        rest -> assertThat(rest).isBetween(Duration.ofMillis(2_999), Duration.ofMillis(3_001)));
    }

    @Test
    void noPeriodEverHasMoreThanTheLimit() {
        // given
        Random random = new Random(42);
        Starts starts = limiter.initState();
        List<Long> allowed = new ArrayList<>();

        // when
        for (int i = 0; i < 10_000; i++) {
            advance(Duration.ofMillis(random.nextInt(2_000)));
            if (limiter.isLimited(starts).isEmpty()) {
                allowed.add(now.get());
            }
        }

        // then
        assertThat(allowed).hasSizeGreaterThan(1_500);
        for (int i = 2; i < allowed.size(); i++) {
            assertThat(allowed.get(i) - allowed.get(i - 2)).isGreaterThanOrEqualTo(PERIOD.toNanos());
        }
    }

    @Test
    void resourcesDoNotCountAgainstEachOther() {
        // given
        Starts busy = limiter.initState();
        limiter.isLimited(busy);
        limiter.isLimited(busy);

        // then
        assertThat(limiter.isLimited(busy)).isPresent();
        assertThat(limiter.isLimited(limiter.initState())).isEmpty();
    }

    @Test
    void aLimitOfNothingIsRefused() {
        assertThatThrownBy(() -> new SlidingRateLimiter(0, PERIOD)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SlidingRateLimiter(1, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theFrameworksOwnLimiterStillAnswersWithTheTimeThatPassed() {
        // given
        RateLimiter<?> framework = new LinearRateLimiter(Duration.ofHours(1), 1);
        RateLimiter.RateLimitState state = framework.initState();
        framework.isLimited(state);

        // then
        await().untilAsserted(() -> assertThat(framework.isLimited(state))
                .hasValueSatisfying(rest -> assertThat(rest).isBetween(Duration.ofNanos(1), Duration.ofMinutes(1))));
    }

    private void advance(Duration duration) {
        now.addAndGet(duration.toNanos());
    }
}
