package io.stackwright.operator.update;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;

/**
 * The cached Updates, those that have ended without what only people read: a thousand Stacks have ten thousand of them.
 */
public final class SlimUpdates {

    private SlimUpdates() {}

    /** One that has not ended is kept whole. */
    public static Update kept(Update update) {
        return History.hasEnded(update) ? slim(update) : update;
    }

    static Update slim(Update update) {
        UpdateStatus status = update.getStatus();
        Update slim = new Update();
        slim.setMetadata(
                new ObjectMetaBuilder(update.getMetadata()).withManagedFields().build());
        slim.setSpec(update.getSpec());
        slim.setStatus(new UpdateStatus(
                status.phase(),
                status.observedGeneration(),
                null,
                status.startedAt(),
                status.finishedAt(),
                null,
                run(status.run())));
        return slim;
    }

    private static RunStatus run(RunStatus run) {
        return run == null
                ? null
                : new RunStatus(run.executor(), null, null, null, null, null, run.result(), null, null);
    }
}
