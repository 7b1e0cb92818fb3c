package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackSpec;
import io.stackwright.operator.stack.decide.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the schema refuses today, an older one may have let in. */
class SpecRulesTest {

    private static final String PROJECT = "project: {inline: {name: p, runtime: yaml}}\n";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "stackName: a/b/c | spec.stackName",
                "stackName: ../other | spec.stackName",
                "stackName: --remove | spec.stackName",
                "backend: {} | spec.backend.url",
                "historyLimit: 0 | spec.historyLimit",
                "historyLimit: 101 | spec.historyLimit",
                "updates: {parallel: 0} | spec.updates.parallel",
                "updates: {timeout: 0s} | timeout",
                "updates: {grace: soon} | grace",
                "updates: {retry: {factor: 11}} | retry.factor"
            })
    void whatCannotBeMeantIsNamed(String field, String named) {
        assertThat(SpecRules.problem(spec(field)))
                .hasValueSatisfying(problem -> assertThat(problem)
                        .returns(Reason.InvalidSpec, Problem::reason)
                        .satisfies(p -> assertThat(p.message()).contains(named)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"stackName: acme/prod", "stackName: p.r-o_d", "updates: {}", "historyLimit: 100"})
    void whatIsMeantIsNoProblem(String field) {
        assertThat(SpecRules.problem(spec(field))).isEmpty();
    }

    @Test
    void whatIsLeftOutIsTheCarefulChoice() {
        assertThat(SpecRules.onPendingCreate(spec(""))).isEqualTo(OnPendingCreate.Stall);
        assertThat(SpecRules.supersedes(spec(""))).isFalse();
        assertThat(SpecRules.problem(null)).isPresent();
    }

    private static StackSpec spec(String more) {
        return Serialization.unmarshal(PROJECT + more, StackSpec.class);
    }
}
