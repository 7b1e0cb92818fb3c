package io.stackwright.operator.update;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.execution.RunFinalizer;
import io.stackwright.operator.kube.UnfitObjects;
import io.stackwright.operator.telemetry.Metrics;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Writes Update objects: everything but {@code status.run}, which belongs to the executor.
 *
 * <p>See docs/decisions/0001-run-identity.md for names, order of writes and what each left-over means.
 */
public final class Updates {

    /** Keeps an Update that has not ended from vanishing. */
    public static final String FINALIZER = RunFinalizer.NAME;

    /** Field manager of everything that is not {@code status.run}. */
    public static final String FIELD_MANAGER = "stackwright";

    private static final int NAME_ATTEMPTS = 50;

    private final KubernetesClient client;
    private final Clock clock;
    private final EndTally ends;

    public Updates(KubernetesClient client, Clock clock, Metrics metrics) {
        this.client = client;
        this.clock = clock;
        this.ends = new EndTally(metrics);
    }

    /** Creates the record of a run that has been decided on, under the next free name. */
    public Update create(Stack stack, UpdateSpec spec, Optional<String> last, Collection<String> existing) {
        String name = stack.getMetadata().getName();
        long number = UpdateNames.next(name, last, existing);
        for (int attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
            Update update = new Update();
            update.setMetadata(metadata(stack, UpdateNames.of(name, number + attempt)));
            update.setSpec(spec);
            try {
                return client.resource(update).create();
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw e;
                }
                Optional<Update> taken =
                        find(stack.getMetadata().getNamespace(), UpdateNames.of(name, number + attempt));
                Optional<Update> ours = taken.filter(found -> isSameRun(found, stack, spec));
                if (ours.isPresent()) {
                    return ours.get();
                }
                if (taken.filter(found -> isOwnedBy(found, stack)).isPresent()) {
                    // Decided without having seen it, as right after another operator led: it may be at work.
                    throw new KubernetesClientException(
                            UpdateNames.of(name, number + attempt) + " was not known when this was decided",
                            HttpURLConnection.HTTP_CONFLICT,
                            null);
                }
            }
        }
        throw new IllegalStateException("no free name for an Update of " + name);
    }

    /**
     * Stands for the run that only the Stack's status tells of, because its namespace was terminating: empty when there
     * is none. It is nowhere on the API server, and nothing is ever written to it.
     */
    public static Optional<Update> unrecorded(Stack stack) {
        StackStatus.CurrentStatus current =
                stack.getStatus() == null ? null : stack.getStatus().current();
        if (current == null || current.update() != null) {
            return Optional.empty();
        }
        UpdateSpec spec = new UpdateSpec(
                stack.getMetadata().getName(),
                current.operation(),
                Cause.Deletion,
                current.revision(),
                current.fingerprint(),
                null);
        return Optional.of(unrecorded(stack, spec, current.executor()));
    }

    /** The same for a run that is to start. */
    public static Update unrecorded(Stack stack, UpdateSpec spec, ExecutorStatus executor) {
        Update update = new Update();
        update.setMetadata(metadata(stack, stack.getMetadata().getName() + "-deletion"));
        update.getMetadata().setUid(stack.getMetadata().getUid());
        update.setSpec(spec);
        RunStatus run = new RunStatus(executor, null, null, null, null, null, null, null, null);
        update.setStatus(new UpdateStatus(null, null, null, null, null, null, run));
        return update;
    }

    /** Whether it only stands for a run that the Stack's status tells of. */
    public static boolean isUnrecorded(Update update) {
        String uid = update.getMetadata().getUid();
        return update.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> owner.getUid().equals(uid));
    }

    /** Whether nothing can be created any more because the namespace goes. */
    public static boolean isTerminating(KubernetesClientException e) {
        return e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                && e.getStatus() != null
                && e.getStatus().getDetails() != null
                && e.getStatus().getDetails().getCauses().stream()
                        .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
    }

    /** The Update as the API server has it now. */
    public Optional<Update> find(String namespace, String name) {
        return Optional.ofNullable(client.resources(Update.class)
                .inNamespace(namespace)
                .withName(name)
                .get());
    }

    /** This very Update, not another of its name, as the API server has it now. */
    public Optional<Update> current(Update seen) {
        return find(seen.getMetadata().getNamespace(), seen.getMetadata().getName())
                .filter(now ->
                        now.getMetadata().getUid().equals(seen.getMetadata().getUid()));
    }

    /** Takes a person's Update into the queue: it gets our finalizer, so that it cannot vanish while it runs. */
    public Update take(Update update) {
        if (update.getMetadata().getFinalizers().contains(FINALIZER)) {
            return update;
        }
        return client.resource(update).edit(current -> {
            List<String> finalizers = new ArrayList<>(current.getMetadata().getFinalizers());
            finalizers.add(FINALIZER);
            current.getMetadata().setFinalizers(finalizers);
            TakenMark.set(current);
            return current;
        });
    }

    /** Says of a person's Update that it waits for its turn; nothing is written when it says so already. */
    public void queue(Update update) {
        if (!UpdateConditions.isReason(update.getStatus(), Reason.Queued)) {
            progress(update, Phase.Queued, "waits for its turn");
        }
    }

    /** Says what an Update waits for; nothing is written when it says so already. */
    public void waits(Update update, Reason reason, String message) {
        if (UpdateConditions.isReason(update.getStatus(), reason)) {
            return;
        }
        Instant now = now();
        apply(
                update,
                new UpdateStatus(
                        Phase.Queued,
                        generation(update),
                        UpdateConditions.waiting(reason, message, update.getStatus(), generation(update), now),
                        null,
                        null,
                        null,
                        null));
    }

    /** Says that an Update is being worked on; nothing is written when it says so already. */
    public void runs(Update update) {
        if (update.getStatus() == null
                || update.getStatus().phase() == null
                || update.getStatus().phase() == Phase.Queued) {
            progress(update, Phase.Running, update.getSpec().operation() + " in progress");
        }
    }

    /** What is written of those whose Stack does not exist. */
    public StrayRecords strays() {
        return new StrayRecords(client, this);
    }

    /** Writes that it runs, right after it was claimed. */
    public void showRunning(Update update) {
        progress(update, Phase.Running, update.getSpec().operation() + " in progress");
    }

    /** Writes the phase of an Update that has not ended. */
    public void progress(Update update, Phase phase, String message) {
        Instant now = now();
        UpdateStatus before = update.getStatus();
        String started = phase == Phase.Queued ? null : now.toString();
        apply(
                update,
                new UpdateStatus(
                        phase,
                        generation(update),
                        UpdateConditions.of(phase, message, before, generation(update), now),
                        started,
                        null,
                        null,
                        null));
    }

    /**
     * Writes the end of an Update and lets it go.
     *
     * @param failure why it did not succeed; empty when it did
     */
    public void end(Update update, Phase phase, Optional<UpdateStatus.Failure> failure, String message) {
        if (isUnrecorded(update)) {
            return;
        }
        writeEnd(update, phase, failure, message, Optional.empty());
        letGo(update);
    }

    /**
     * Writes the end of an Update.
     *
     * @param resourceVersion that it must still have
     * @return whether it is written
     */
    boolean writeEnd(
            Update update,
            Phase phase,
            Optional<UpdateStatus.Failure> failure,
            String message,
            Optional<String> resourceVersion) {
        Instant now = now();
        UpdateStatus before = update.getStatus();
        String started = before == null ? null : before.startedAt();
        UpdateStatus end = new UpdateStatus(
                phase,
                generation(update),
                UpdateConditions.of(phase, message, before, generation(update), now),
                started,
                now.toString(),
                failure.orElse(null),
                null);
        Optional<Update> written = apply(update, end, resourceVersion);
        written.ifPresent(ended -> ends.ended(ended, phase));
        return written.isPresent();
    }

    /** Removes our finalizer; the object stays as history. */
    public void letGo(Update update) {
        Update current = current(update).orElse(null);
        if (current == null || !current.getMetadata().getFinalizers().contains(FINALIZER)) {
            return;
        }
        try {
            client.resource(current).edit(edited -> {
                List<String> finalizers = new ArrayList<>(edited.getMetadata().getFinalizers());
                finalizers.remove(FINALIZER);
                edited.getMetadata().setFinalizers(finalizers);
                return edited;
            });
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    /** Forgets an Update. */
    public void delete(Update update) {
        client.resource(update).delete();
    }

    private void apply(Update update, UpdateStatus status) {
        apply(update, status, Optional.empty());
    }

    /**
     * Applies a status.
     *
     * @param resourceVersion that the Update must still have
     * @return the Update with it, and with what its run has written; none when it is gone or has another version
     */
    Optional<Update> apply(Update update, UpdateStatus status, Optional<String> resourceVersion) {
        Update fresh = new Update();
        fresh.setMetadata(new ObjectMetaBuilder()
                .withName(update.getMetadata().getName())
                .withNamespace(update.getMetadata().getNamespace())
                .withUid(update.getMetadata().getUid())
                .withResourceVersion(resourceVersion.orElse(null))
                .build());
        fresh.setStatus(status);
        try {
            return Optional.of(client.resource(fresh)
                    .subresource("status")
                    .patch(
                            new PatchContext.Builder()
                                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                    .withFieldManager(FIELD_MANAGER)
                                    .withForce(true)
                                    .build(),
                            fresh));
        } catch (KubernetesClientException e) {
            if (UnfitObjects.isRefusal(e)) {
                UnfitObjects.replaceStatus(client, update, withRun(status, update.getStatus()));
                return Optional.of(update);
            }
            boolean overtaken = resourceVersion.isPresent() && e.getCode() == HttpURLConnection.HTTP_CONFLICT;
            // Somebody removed it by force: there is nothing left to write to.
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND && !overtaken) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private static UpdateStatus withRun(UpdateStatus status, UpdateStatus before) {
        return new UpdateStatus(
                status.phase(),
                status.observedGeneration(),
                status.conditions(),
                status.startedAt(),
                status.finishedAt(),
                status.failure(),
                before == null ? null : before.run());
    }

    private static boolean isSameRun(Update found, Stack stack, UpdateSpec wanted) {
        UpdateSpec spec = found.getSpec();
        boolean ended = found.getStatus() != null
                && found.getStatus().phase() != null
                && found.getStatus().phase().isFinal();
        return !ended && isOwnedBy(found, stack) && Objects.equals(spec, wanted);
    }

    /** Whether the Update was made by the operator for exactly this Stack object. */
    public static boolean isOwnedBy(Update update, Stack stack) {
        return update.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> stack.getMetadata().getUid().equals(owner.getUid()));
    }

    /** Whether somebody else made it: a person, or a controller for an object of its own. Ours belong to a Stack. */
    public static boolean isPersons(Update update) {
        return update.getMetadata().getOwnerReferences().stream().noneMatch(Updates::isStack);
    }

    private static boolean isStack(OwnerReference owner) {
        return HasMetadata.getKind(Stack.class).equals(owner.getKind())
                && owner.getApiVersion().startsWith(HasMetadata.getGroup(Stack.class) + "/");
    }

    private static ObjectMeta metadata(Stack stack, String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(stack.getMetadata().getNamespace())
                .withFinalizers(FINALIZER)
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(stack.getApiVersion())
                        .withKind(stack.getKind())
                        .withName(stack.getMetadata().getName())
                        .withUid(stack.getMetadata().getUid())
                        .withController(true)
                        .withBlockOwnerDeletion(false)
                        .build())
                .build();
    }

    static long generation(Update update) {
        Long generation = update.getMetadata().getGeneration();
        return generation == null ? 1 : generation;
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }
}
