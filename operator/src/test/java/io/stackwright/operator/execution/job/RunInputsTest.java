package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.job.RunInput.DeadRun;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunInputsTest {

    private static final String LONG = "a".repeat(58);

    @Test
    void theHostOfAnEndedPodIsDead() {
        assertThat(dead("shop-6", "Interrupted", "host: shop-6-x2x4z"))
                .extracting(DeadRun::host)
                .containsExactly("shop-6-x2x4z");
        assertThat(dead(LONG + "-6", "Interrupted", "host: " + LONG + "x2x4z")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "shop-6, Interrupted, host: warehouse-1-x2x4z",
        "shop-6, Interrupted, host: shop-61-x2x4z",
        "shop-6, Interrupted, host: laptop",
        "shop-6, Interrupted, host: ''",
        "shop-6, Interrupted, 'host: shop-6-x2x4z, pid: 7'",
        "shop-6, Running, host: shop-6-x2x4z",
        "shop-7, Interrupted, host: shop-7-x2x4z"
    })
    void noOtherHostIsWhateverTheProgramWrote(String update, String phase, String executor) {
        assertThat(dead(update, phase, executor)).isEmpty();
    }

    /** For the run {@code shop-7}. */
    private static List<DeadRun> dead(String update, String phase, String executor) {
        return RunInputs.dead(
                List.of(Serialization.unmarshal("""
                    apiVersion: stackwright.io/v1alpha1
                    kind: Update
                    metadata: {name: %s, creationTimestamp: "2026-01-02T03:04:05Z"}
                    status: {phase: %s, run: {executor: {instance: uid, %s}}}
                    """.formatted(update, phase, executor), Update.class)), "shop-7");
    }
}
