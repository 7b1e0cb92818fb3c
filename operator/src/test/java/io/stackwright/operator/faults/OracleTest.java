package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OracleTest {

    private static final class FailsInOneOfTwoRuns {}

    private static final class Holds {}

    @Test
    void aViolationIsNotForgottenBecauseTheTestRunsOnceMore() {
        // given
        Oracle first = Oracle.of(FailsInOneOfTwoRuns.class);
        AssertionError violation = first.violated("two items where one must be");

        // when, then
        assertThat(violation).hasMessage("two items where one must be");
        assertThatThrownBy(() -> Oracle.of(FailsInOneOfTwoRuns.class))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("two items where one must be")
                .hasCause(violation);
    }

    @Test
    void otherTestsMayRunAgain() {
        // given
        Oracle.of(Holds.class);

        // when, then
        assertThatCode(() -> Oracle.of(Holds.class)).doesNotThrowAnyException();
    }
}
