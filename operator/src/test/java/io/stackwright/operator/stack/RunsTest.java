package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RunsTest {

    private static Update update(Operation operation, Cause cause, String revision, String fingerprint) {
        Update update = new Update();
        update.setMetadata(new ObjectMetaBuilder().withName("look").build());
        update.setSpec(new UpdateSpec("shop", operation, cause, revision, fingerprint, null));
        return update;
    }

    @ParameterizedTest
    @EnumSource(value = Operation.class, mode = EnumSource.Mode.EXCLUDE, names = "Destroy")
    void whatPeopleMaySayRuns(Operation operation) {
        assertThat(Runs.refusal(update(operation, null, null, null))).isEmpty();
        assertThat(Runs.refusal(update(operation, Cause.Requested, null, null))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = Cause.class, mode = EnumSource.Mode.EXCLUDE, names = "Requested")
    void causesOfTheOperatorAreRefused(Cause cause) {
        assertThat(Runs.refusal(update(Operation.Preview, cause, null, null)).orElseThrow())
                .startsWith("spec.cause is " + cause);
    }

    @Test
    void whatTheOperatorDecidesIsRefused() {
        assertThat(Runs.refusal(update(Operation.Up, null, "main@sha1:1", null)).orElseThrow())
                .startsWith("spec.revision is set");
        assertThat(Runs.refusal(update(Operation.Up, null, null, "hmac-sha256:1"))
                        .orElseThrow())
                .startsWith("spec.fingerprint is set");
        assertThat(Runs.refusal(update(Operation.Destroy, null, null, null)).orElseThrow())
                .contains("delete the Stack instead");
        assertThat(Runs.refusal(update(null, null, null, null)).orElseThrow()).contains("cannot read");
    }
}
