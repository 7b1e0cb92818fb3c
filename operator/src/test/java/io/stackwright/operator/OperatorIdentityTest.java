package io.stackwright.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.ExecutorStatus;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OperatorIdentityTest {

    @Test
    void twoProcessesOfOneNameAreTwo() {
        // when
        ExecutorStatus one = StackwrightOperator.self(Map.of("HOSTNAME", "stackwright-0"), "data", "scope");
        ExecutorStatus other = StackwrightOperator.self(Map.of("HOSTNAME", "stackwright-0"), "data", "scope");

        // then
        assertThat(one.instance()).matches("stackwright-0-[0-9a-f]{8}").isNotEqualTo(other.instance());
    }
}
