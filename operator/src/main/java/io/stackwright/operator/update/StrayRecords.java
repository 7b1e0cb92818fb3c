package io.stackwright.operator.update;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import java.util.Optional;

/** What is written of Updates whose Stack does not exist; the API server is asked whether that is so. */
public final class StrayRecords {

    private final KubernetesClient client;
    private final Updates updates;

    StrayRecords(KubernetesClient client, Updates updates) {
        this.client = client;
        this.updates = updates;
    }

    /** Says of a person's Update that its Stack does not exist, if nobody has said anything since. */
    public void report(String namespace, String name) {
        stray(namespace, name)
                .filter(Updates::isPersons)
                .filter(update -> update.getMetadata().getDeletionTimestamp() == null)
                .filter(update ->
                        update.getStatus() == null || update.getStatus().phase() == null)
                .ifPresent(update -> {
                    String message = "there is no Stack " + update.getSpec().stack() + "; this runs when there is one";
                    long generation = Updates.generation(update);
                    UpdateStatus status = new UpdateStatus(
                            Phase.Queued,
                            generation,
                            UpdateConditions.waiting(Reason.StackNotFound, message, null, generation, updates.now()),
                            null,
                            null,
                            null,
                            null);
                    updates.apply(update, status, version(update));
                });
    }

    /**
     * Ends what was recorded and never started, unless a run has claimed it or does so now. A look at a Stack that was
     * gone already, which the cache did not show yet, leaves such a record: it goes with its Stack, but for our finalizer.
     */
    public void endUnstarted(String namespace, String name) {
        stray(namespace, name)
                .filter(update -> update.getMetadata().getFinalizers().contains(Updates.FINALIZER))
                .filter(update -> !isClaimed(update))
                .filter(update -> updates.writeEnd(
                        update, Phase.Superseded, Optional.empty(), "its Stack is gone", version(update)))
                .ifPresent(updates::letGo);
    }

    private Optional<Update> stray(String namespace, String name) {
        return updates.find(namespace, name)
                .filter(update -> client.resources(Stack.class)
                                .inNamespace(namespace)
                                .withName(update.getSpec().stack())
                                .get()
                        == null);
    }

    private static boolean isClaimed(Update update) {
        return update.getStatus() != null
                && update.getStatus().run() != null
                && update.getStatus().run().executor() != null;
    }

    private static Optional<String> version(Update update) {
        return Optional.of(update.getMetadata().getResourceVersion());
    }
}
