package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.DeletionPolicy;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.runner.EncryptionMaterial;
import io.stackwright.operator.execution.runner.RunPaths;
import io.stackwright.operator.outputs.OutputPublisher;
import io.stackwright.operator.source.Sources;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.update.Updates;

/** Removes what was kept for a Stack or an Update that goes. */
final class Departure {

    private final OutputPublisher outputs;
    private final EncryptionMaterial encryption;
    private final Sources sources;
    private final RunPaths paths;
    private final Updates updates;

    Departure(
            OutputPublisher outputs, EncryptionMaterial encryption, Sources sources, RunPaths paths, Updates updates) {
        this.outputs = outputs;
        this.encryption = encryption;
        this.sources = sources;
        this.paths = paths;
        this.updates = updates;
    }

    /** The Stack may go: what it leaves behind depends on whether its Pulumi stack lives on. */
    void release(Stack stack, DeletionPolicy policy) {
        StackKey key = Snapshotter.keyOf(stack);
        EncryptionMaterial.Holder holder =
                new EncryptionMaterial.Holder(key, stack.getMetadata().getUid());
        StackStatus status = stack.getStatus();
        String secret = status == null || status.outputsSecret() == null
                ? OutputPublisher.secretName(stack)
                : status.outputsSecret();
        outputs.delete(stack, secret);
        if (policy == DeletionPolicy.Retain) {
            encryption.release(holder);
        } else {
            encryption.delete(holder);
        }
        sources.forget(key);
        paths.deleteAll(key);
    }

    /** The Update is history that is not kept any longer. */
    void forget(Stack stack, Update update) {
        updates.delete(update);
        paths.deleteLog(Snapshotter.keyOf(stack), update.getMetadata().getName());
    }
}
