package io.stackwright.operator.update;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import java.util.Optional;

/** What is written of Updates whose Stack does not exist; the API server is asked whether that is so. */
public final class StrayRecords {

    private static final String GONE = "its Stack is gone";

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

    /** One that our finalizer keeps, as it is now. */
    public Optional<Update> left(String namespace, String name) {
        return stray(namespace, name)
                .filter(update -> update.getMetadata().getFinalizers().contains(Updates.FINALIZER));
    }

    /**
     * Ends what a run has claimed, as when a Stack was let go by force: it goes with its Stack, but for our finalizer.
     *
     * @param known what it has come to, if it has not said so itself
     * @return whether it has ended so; not if it has changed since
     */
    public boolean end(Update update, RunStatus.Result known) {
        Phase phase = Phase.valueOf(reported(update).orElse(known).name());
        boolean written = updates.writeEnd(update, phase, Optional.empty(), GONE, version(update));
        return written && letGo(update);
    }

    /**
     * Ends what never started, unless a run has claimed it or does so now. A look at a Stack that was gone already, which
     * the cache did not show yet, leaves it.
     *
     * @return whether it has ended so
     */
    public boolean endUnstarted(Update update) {
        return new UnstartedRecords(updates).end(update, GONE);
    }

    /** Its end is written. */
    public boolean letGo(Update update) {
        updates.letGo(update);
        return true;
    }

    private Optional<Update> stray(String namespace, String name) {
        return updates.find(namespace, name)
                .filter(update -> isGone(namespace, update.getSpec().stack()));
    }

    /** Whether there is no such Stack. */
    public boolean isGone(String namespace, String stack) {
        return client.resources(Stack.class)
                        .inNamespace(namespace)
                        .withName(stack)
                        .get()
                == null;
    }

    private static Optional<RunStatus.Result> reported(Update update) {
        return Optional.ofNullable(update.getStatus()).map(UpdateStatus::run).map(RunStatus::result);
    }

    private static Optional<String> version(Update update) {
        return Optional.of(update.getMetadata().getResourceVersion());
    }
}
