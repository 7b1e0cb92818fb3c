package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.ExecutionSpec;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackSpec;
import io.stackwright.operator.execution.job.PodTemplateRules;
import io.stackwright.operator.kube.OwnAccount;
import io.stackwright.operator.stack.decide.Problem;
import java.util.Optional;

/** What {@code spec.execution} may say to an operator that makes Jobs, and that it says nothing to one that does not. */
final class ExecutionRules {

    private static final String DEFAULT_ACCOUNT = "default";

    private final boolean jobs;
    private final Optional<OwnAccount> own;

    /** @param own the operator's ServiceAccount, whose rights are for nobody's programs */
    ExecutionRules(boolean jobs, Optional<OwnAccount> own) {
        this.jobs = jobs;
        this.own = own;
    }

    Optional<Problem> problem(String namespace, StackSpec spec) {
        ExecutionSpec execution = spec.execution();
        String asked = execution == null ? null : execution.serviceAccountName();
        if (jobs && own.equals(Optional.of(new OwnAccount(namespace, asked == null ? DEFAULT_ACCOUNT : asked)))) {
            return invalid("spec.execution.serviceAccountName: "
                    + own.orElseThrow().name() + " is the operator's own; name another one of this namespace");
        }
        if (execution == null) {
            return Optional.empty();
        }
        if (!jobs) {
            return invalid("spec.execution says how pods are made, but this operator runs operations itself"
                    + " (--execution Embedded); remove it");
        }
        if (asked != null && PodTemplateRules.isAccountOfARun(asked)) {
            return invalid("spec.execution.serviceAccountName: " + asked + " belongs to a run");
        }
        return PodTemplateRules.refusal(execution).flatMap(ExecutionRules::invalid);
    }

    private static Optional<Problem> invalid(String message) {
        return Optional.of(new Problem(Reason.InvalidSpec, message));
    }
}
