package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PatienceTest {

    private final AtomicInteger tries = new AtomicInteger();

    @ParameterizedTest
    @ValueSource(ints = {0, 401, 403, 409, 429, 500, 503})
    void whatCanPassIsTriedAgain(int code) {
        // when
        new Patience(Duration.ofHours(1)).insist("it", () -> failOnce(code));

        // then
        assertThat(tries).hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 413, 422})
    void whatCannotPassIsNot(int code) {
        assertThatThrownBy(() -> new Patience(Duration.ofHours(1)).insist("it", () -> failOnce(code)))
                .isInstanceOf(KubernetesClientException.class);
        assertThat(tries).hasValue(1);
    }

    @Test
    void itEnds() {
        assertThatThrownBy(() -> new Patience(Duration.ZERO).insist("it", () -> failOnce(503)))
                .isInstanceOf(KubernetesClientException.class);
        assertThat(tries).hasValue(1);
    }

    @Test
    void itEndsWhenItIsNotWorthWhileAnyMore() {
        assertThatThrownBy(() -> new Patience(Duration.ofHours(1), () -> true).insist("it", () -> failOnce(503)))
                .isInstanceOf(KubernetesClientException.class);
        assertThat(tries).hasValue(1);
    }

    private void failOnce(int code) {
        if (tries.incrementAndGet() == 1) {
            throw new KubernetesClientException("away", code, null);
        }
    }
}
