package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.ExecutionSpec;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackSpec;
import io.stackwright.operator.execution.job.PodTemplateRules;
import io.stackwright.operator.stack.decide.Problem;
import java.util.Optional;

/** What {@code spec.execution} may say to an operator that makes Jobs, and that it says nothing to one that does not. */
final class ExecutionRules {

    private final boolean jobs;

    ExecutionRules(boolean jobs) {
        this.jobs = jobs;
    }

    Optional<Problem> problem(StackSpec spec) {
        ExecutionSpec execution = spec.execution();
        if (execution == null) {
            return Optional.empty();
        }
        if (!jobs) {
            return invalid("spec.execution says how pods are made, but this operator runs operations itself"
                    + " (--execution Embedded); remove it");
        }
        String account = execution.serviceAccountName();
        if (account != null && PodTemplateRules.isAccountOfARun(account)) {
            return invalid("spec.execution.serviceAccountName: " + account + " belongs to a run");
        }
        return PodTemplateRules.refusal(execution).flatMap(ExecutionRules::invalid);
    }

    private static Optional<Problem> invalid(String message) {
        return Optional.of(new Problem(Reason.InvalidSpec, message));
    }
}
