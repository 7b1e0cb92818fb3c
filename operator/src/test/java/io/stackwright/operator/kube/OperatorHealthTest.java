package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OperatorHealthTest {

    private boolean started = true;
    private List<String> broken = List.of();
    private Optional<String> stuck = Optional.empty();
    private long now = Long.MAX_VALUE - 10;
    private final OperatorHealth health =
            new OperatorHealth(() -> started, () -> broken, () -> stuck, () -> now, Duration.ofSeconds(60));

    @Test
    void beforeTheStartItIsAliveButNotReady() {
        // given
        started = false;
        broken = List.of("stack");

        // then
        pass(Duration.ofMinutes(5));
        assertThat(health.liveness()).isEmpty();
        assertThat(health.readiness()).hasValue("not started");
    }

    @Test
    void aBrokenInformerIsNotReadyAtOnceAndNotAliveAfterAMinute() {
        // given
        broken = List.of("secrets", "stack");

        // then
        assertThat(health.readiness()).hasValue("not synced: secrets, stack");
        assertThat(health.liveness()).isEmpty();
        pass(Duration.ofSeconds(59));
        assertThat(health.liveness()).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(health.liveness()).hasValue("not synced: secrets, stack");
    }

    @Test
    void aRecoveryStartsTheMinuteAnew() {
        // given
        broken = List.of("stack");
        health.liveness();
        pass(Duration.ofSeconds(50));
        broken = List.of();
        health.liveness();

        // when
        broken = List.of("stack");
        health.liveness();
        pass(Duration.ofSeconds(50));

        // then
        assertThat(health.liveness()).isEmpty();
        pass(Duration.ofSeconds(10));
        assertThat(health.liveness()).isPresent();
    }

    @Test
    void noProgressCountsForLivenessOnly() {
        // given
        stuck = Optional.of("no reconcile has ended for 5 minutes");
        health.liveness();

        // then
        pass(Duration.ofSeconds(60));
        assertThat(health.liveness()).isEqualTo(stuck);
        assertThat(health.readiness()).isEmpty();
    }

    private void pass(Duration duration) {
        now += duration.toNanos();
    }
}
