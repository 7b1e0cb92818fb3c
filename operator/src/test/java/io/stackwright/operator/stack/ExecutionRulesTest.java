package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackSpec;
import io.stackwright.operator.kube.OwnAccount;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutionRulesTest {

    private static final Optional<OwnAccount> OWN = Optional.of(new OwnAccount("platform", "stackwright"));
    private static final ExecutionRules JOBS = new ExecutionRules(true, OWN);

    @Test
    void anOperatorThatRunsOperationsItselfTakesNoWordOfPods() {
        // given
        ExecutionRules embedded = new ExecutionRules(false, OWN);

        // then
        assertThat(embedded.problem("team", spec("{}"))).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.InvalidSpec);
            assertThat(problem.message()).contains("spec.execution").contains("remove it");
        });
        assertThat(embedded.problem("team", spec(null))).isEmpty();
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
        assertThat(JOBS.problem("team", spec(execution)))
                .hasValueSatisfying(problem -> assertThat(problem.message()).startsWith(field));
    }

    /** With it a program would have the operator's rights, in all namespaces that it looks after. */
    @Test
    void nobodyRunsAsTheOperator() {
        // given
        String asked = "{serviceAccountName: stackwright}";

        // then
        assertThat(JOBS.problem("platform", spec(asked)))
                .hasValueSatisfying(problem -> assertThat(problem.message())
                        .startsWith("spec.execution.serviceAccountName: stackwright is the operator's own"));
        assertThat(JOBS.problem("team", spec(asked)))
                .as("one of that name elsewhere")
                .isEmpty();
        assertThat(new ExecutionRules(true, Optional.of(new OwnAccount("platform", "default")))
                        .problem("platform", spec(null)))
                .as("the namespace's default account is the operator's")
                .isPresent();
        assertThat(new ExecutionRules(true, Optional.empty()).problem("platform", spec(asked)))
                .isEmpty();
    }

    @Test
    void theRestIsTaken() {
        assertThat(JOBS.problem(
                        "team",
                        spec("{serviceAccountName: deployer, image: a, cache: {claimName: c},"
                                + " podTemplate: {spec: {tolerations: []}}}")))
                .isEmpty();
    }

    private static StackSpec spec(String execution) {
        String yaml =
                "project: {inline: {name: a, runtime: yaml}}" + (execution == null ? "" : "\nexecution: " + execution);
        return Serialization.unmarshal(yaml, StackSpec.class);
    }
}
