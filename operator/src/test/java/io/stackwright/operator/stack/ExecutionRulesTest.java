package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutionRulesTest {

    @Test
    void anOperatorThatRunsOperationsItselfTakesNoWordOfPods() {
        // given
        ExecutionRules embedded = new ExecutionRules(false);

        // then
        assertThat(embedded.problem(spec("{}"))).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.InvalidSpec);
            assertThat(problem.message()).contains("spec.execution").contains("remove it");
        });
        assertThat(embedded.problem(spec(null))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{serviceAccountName: shop-12-run}|spec.execution.serviceAccountName",
                "{podTemplate: {spec: {hostPID: true}}}|spec.execution.podTemplate.spec.hostPID",
                "{cache: {claimName: c}, podTemplate: {spec: {containers: [{volumeMounts: [{mountPath:"
                        + " /stackwright-cache}]}]}}}|spec.execution.podTemplate.spec.containers[0].volumeMounts[0]"
            })
    void whatReachesBeyondTheRunIsRefused(String execution, String field) {
        assertThat(new ExecutionRules(true).problem(spec(execution)))
                .hasValueSatisfying(problem -> assertThat(problem.message()).startsWith(field));
    }

    @Test
    void theRestIsTaken() {
        assertThat(new ExecutionRules(true)
                        .problem(spec("{serviceAccountName: deployer, image: a, cache: {claimName: c},"
                                + " podTemplate: {spec: {tolerations: []}}}")))
                .isEmpty();
    }

    private static StackSpec spec(String execution) {
        String yaml =
                "project: {inline: {name: a, runtime: yaml}}" + (execution == null ? "" : "\nexecution: " + execution);
        return Serialization.unmarshal(yaml, StackSpec.class);
    }
}
