package io.stackwright.operator.stack;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.api.v1alpha1.UpdateStatus;

/** Updates as tests need them of runs. */
final class RunUpdates {

    private RunUpdates() {}

    /** The first one of the Stack {@code shop} with the uid {@code u}, claimed by a process. */
    static Update claimed(Phase phase, Operation operation) {
        Update update = new Update();
        update.setMetadata(new ObjectMetaBuilder()
                .withName("shop-1")
                .withUid("shop-1")
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .addNewOwnerReference()
                .withApiVersion(HasMetadata.getApiVersion(Stack.class))
                .withKind(HasMetadata.getKind(Stack.class))
                .withName("shop")
                .withUid("u")
                .endOwnerReference()
                .build());
        update.setSpec(new UpdateSpec("shop", operation, Cause.SpecChanged, "r", "f", null));
        ExecutorStatus executor = new ExecutorStatus("i", "host", null, null, null);
        RunStatus run = new RunStatus(executor, null, null, null, null, null, null, null, null);
        update.setStatus(new UpdateStatus(phase, null, null, null, null, null, run));
        return update;
    }
}
