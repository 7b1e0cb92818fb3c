package io.stackwright.operator.update;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.runner.RunReporter;

/**
 * Reporter of a deletion in a terminating namespace, where no Update can be created: the Stack's status, which was
 * written before, is the claim, and the end reaches the Stack with the outcome.
 */
public final class StackRunReporter implements RunReporter {

    private final KubernetesClient client;
    private final RunKey run;
    private final ExecutorStatus self;

    public StackRunReporter(KubernetesClient client, RunKey run, ExecutorStatus self) {
        this.client = client;
        this.run = run;
        this.self = self;
    }

    @Override
    public void claim() {
        Stack stack = client.resources(Stack.class)
                .inNamespace(run.stack().namespace())
                .withName(run.stack().name())
                .get();
        if (stack == null || !run.stackUid().equals(stack.getMetadata().getUid()) || !isOurs(stack.getStatus())) {
            throw new ClaimLostException("the Stack's status does not say that this process deletes it", null);
        }
    }

    private boolean isOurs(StackStatus status) {
        StackStatus.CurrentStatus current = status == null ? null : status.current();
        return current != null
                && current.update() == null
                && current.executor() != null
                && self.instance().equals(current.executor().instance());
    }

    @Override
    public void progress(RunStatus.Progress progress, RunStatus.Changes changes) {
        // There is no place for it.
    }

    @Override
    public void end(RunStatus end) {
        // There is no place for it.
    }
}
