package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.Failure;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiFailuresTest {

    @ParameterizedTest
    @CsvSource({
        "403, ApiRefused",
        "422, ApiRefused",
        "404, ApiUnavailable",
        "409, ApiUnavailable",
        "410, ApiUnavailable",
        "429, ApiUnavailable",
        "500, ApiUnavailable",
        "503, ApiUnavailable"
    })
    void whatTheApiServerAnswersIsTriedAgain(int code, Reason reason) {
        // given
        var status = new StatusBuilder()
                .withCode(code)
                .withMessage("quota exceeded ".repeat(100))
                .build();

        // when
        Failure failure = ApiFailures.of(new CompletionException(new KubernetesClientException("PATCH", code, status)));

        // then
        assertThat(failure).returns(Failure.Kind.TRANSIENT, Failure::kind).returns(reason, Failure::reason);
        assertThat(failure.message()).contains("quota exceeded").hasSizeLessThan(600);
    }

    @Test
    void anApiServerThatCannotBeReachedIsNoMistakeOfOurs() {
        // given
        Exception away = new KubernetesClientException("cannot reach it", new IOException("connection refused"));

        // then
        assertThat(ApiFailures.isApiTrouble(away)).isTrue();
        assertThat(ApiFailures.of(away).reason()).isEqualTo(Reason.ApiUnavailable);
    }

    @Test
    void ourOwnMistakesAreCalledThat() {
        // given
        Exception mistake = new IllegalStateException("oops");

        // then
        assertThat(ApiFailures.isApiTrouble(mistake)).isFalse();
        assertThat(ApiFailures.of(mistake).reason()).isEqualTo(Reason.InternalError);
    }
}
