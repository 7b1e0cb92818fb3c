package io.stackwright.operator.outputs;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Labels;
import io.stackwright.api.v1alpha1.OutputsSpec;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Keeps the outputs Secret of a Stack.
 *
 * <p>A Secret is ours only with our mark and the Stack's uid; any other one of that name is left alone. It has no
 * owner reference: under foreground deletion it would go before the resources that it describes.
 */
public final class OutputPublisher {

    /** What a Stack is encrypted with is kept in Secrets whose names end so; they have the Stack's marks too. */
    private static final List<String> ENCRYPTION = List.of("-passphrase", "-encryptionsalt");

    /** How the names of a run's Secrets end. They come and go: that there is none now says nothing of the next run. */
    private static final List<String> RUN = List.of("-run-input", "-run-result");

    private static final String TYPE = "Opaque";
    private static final int ATTEMPTS = 5;

    private final KubernetesClient client;

    public OutputPublisher(KubernetesClient client) {
        this.client = client;
    }

    /** What became of an attempt to publish. */
    public sealed interface Published {

        /**
         * The Secret holds exactly the data.
         *
         * @param written whether that took a write
         */
        record Done(String secretName, boolean written) implements Published {}

        /** The Secret is somebody else's, or cannot be changed; nothing was written. */
        record Refused(Reason reason, String message) implements Published {}
    }

    /** The name of the Stack's outputs Secret. */
    public static String secretName(Stack stack) {
        return configured(stack)
                .map(OutputsSpec.OutputSecret::name)
                .orElseGet(() -> stack.getMetadata().getName() + "-outputs");
    }

    /**
     * Makes the Secret hold exactly this data. The one named in the status goes when the name has changed.
     *
     * @throws KubernetesClientException when the API server refuses or cannot be reached
     */
    public Published publish(Stack stack, Map<String, String> data) {
        String name = secretName(stack);
        Published result = write(stack, name, encode(data));
        String previous = stack.getStatus() == null ? null : stack.getStatus().outputsSecret();
        if (result instanceof Published.Done && previous != null && !previous.equals(name)) {
            remove(stack, previous);
        }
        return result;
    }

    /** Whether there is a Secret of that name, whoever made it. One that we may not look at may be there. */
    public boolean exists(String namespace, String name) {
        try {
            return client.secrets().inNamespace(namespace).withName(name).get() != null;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
                throw e;
            }
            return true;
        }
    }

    /**
     * Lets the Secret go with its Stack: deletes it, or, with {@code retain}, leaves it behind without our mark. One
     * that is not ours is left alone.
     */
    public void delete(Stack stack, String name) {
        if (configured(stack).map(OutputsSpec.OutputSecret::retain).orElse(false)) {
            release(stack, name);
        } else {
            remove(stack, name);
        }
    }

    private Published write(Stack stack, String name, Map<String, String> data) {
        if (isReserved(stack, name)) {
            return new Published.Refused(
                    Reason.OutputsConflict,
                    "the operator keeps a name like `" + name + "` for the encryption or the runs of Stacks;"
                            + " set another spec.outputs.secret.name");
        }
        KubernetesClientException last = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Secret existing = get(stack, name);
            try {
                if (existing == null) {
                    client.resource(fresh(stack, name, data)).create();
                    return new Published.Done(name, true);
                }
                Optional<Published> refusal = refusal(stack, existing);
                if (refusal.isPresent()) {
                    return refusal.get();
                }
                if (isOurs(stack, existing) && Objects.equals(orEmpty(existing.getData()), data)) {
                    return new Published.Done(name, false);
                }
                update(new SecretBuilder(existing)
                        .editMetadata()
                        .addToLabels(Labels.STACK_UID, stack.getMetadata().getUid())
                        .endMetadata()
                        .withData(data)
                        .withStringData(null)
                        .build());
                return new Published.Done(name, true);
            } catch (KubernetesClientException e) {
                if (!lostRace(e)) {
                    throw e;
                }
                last = e;
            }
        }
        throw last;
    }

    private static Optional<Published> refusal(Stack stack, Secret existing) {
        String name = existing.getMetadata().getName();
        if (!isOurs(stack, existing) && !isFormerOnes(stack, existing)) {
            return refused("Secret `" + name + "` exists and does not belong to this Stack, so it is left as it is;"
                    + " set another spec.outputs.secret.name, delete the Secret, or hand it over with the labels "
                    + Labels.MANAGED_BY + "=" + Labels.MANAGER + " and " + Labels.STACK_UID + "="
                    + stack.getMetadata().getUid());
        }
        if (Boolean.TRUE.equals(existing.getImmutable()) || !TYPE.equals(existing.getType())) {
            return refused("Secret `" + name + "` is immutable or not of type " + TYPE
                    + ", so its data cannot be replaced; delete it, it is made again");
        }
        return Optional.empty();
    }

    private static Optional<Published> refused(String message) {
        return Optional.of(new Published.Refused(Reason.OutputsConflict, message));
    }

    private void remove(Stack stack, String name) {
        retry(() -> {
            Secret existing = get(stack, name);
            if (existing != null && isOurs(stack, existing)) {
                client.resource(existing)
                        .lockResourceVersion(existing.getMetadata().getResourceVersion())
                        .delete();
            }
        });
    }

    private void release(Stack stack, String name) {
        retry(() -> {
            Secret existing = get(stack, name);
            if (existing != null && isOurs(stack, existing)) {
                update(new SecretBuilder(existing)
                        .editMetadata()
                        .removeFromLabels(Labels.MANAGED_BY)
                        .removeFromLabels(Labels.STACK)
                        .removeFromLabels(Labels.STACK_UID)
                        .endMetadata()
                        .build());
            }
        });
    }

    private void update(Secret secret) {
        client.resource(secret)
                .lockResourceVersion(secret.getMetadata().getResourceVersion())
                .update();
    }

    private static void retry(Runnable change) {
        for (int attempt = 1; ; attempt++) {
            try {
                change.run();
                return;
            } catch (KubernetesClientException e) {
                if (attempt == ATTEMPTS || !lostRace(e)) {
                    throw e;
                }
            }
        }
    }

    /** Somebody created, changed or deleted it between our look and our write. */
    private static boolean lostRace(KubernetesClientException e) {
        return e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
    }

    private Secret get(Stack stack, String name) {
        return client.secrets()
                .inNamespace(stack.getMetadata().getNamespace())
                .withName(name)
                .get();
    }

    private static Secret fresh(Stack stack, String name, Map<String, String> data) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(stack.getMetadata().getNamespace())
                .withName(name)
                .addToLabels(Labels.MANAGED_BY, Labels.MANAGER)
                .addToLabels(Labels.STACK, stack.getMetadata().getName())
                .addToLabels(Labels.STACK_UID, stack.getMetadata().getUid())
                .endMetadata()
                .withType(TYPE)
                .withData(data)
                .build();
    }

    private static boolean isOurs(Stack stack, Secret secret) {
        Map<String, String> labels = orEmpty(secret.getMetadata().getLabels());
        return isForOutputs(stack, secret)
                && Labels.MANAGER.equals(labels.get(Labels.MANAGED_BY))
                && stack.getMetadata().getUid().equals(labels.get(Labels.STACK_UID));
    }

    /** Of a Stack that had this one's name before: it was re-created or restored, and there cannot be two. */
    private static boolean isFormerOnes(Stack stack, Secret secret) {
        Map<String, String> labels = orEmpty(secret.getMetadata().getLabels());
        return isForOutputs(stack, secret)
                && Labels.MANAGER.equals(labels.get(Labels.MANAGED_BY))
                && labels.containsKey(Labels.STACK_UID)
                && stack.getMetadata().getName().equals(labels.get(Labels.STACK));
    }

    /** What the operator keeps for a Stack's encryption and for its runs bears the same marks. */
    private static boolean isForOutputs(Stack stack, Secret secret) {
        return !orEmpty(secret.getMetadata().getLabels()).containsKey(Labels.UPDATE_UID)
                && !isReserved(stack, secret.getMetadata().getName());
    }

    private static boolean isReserved(Stack stack, String name) {
        return RUN.stream().anyMatch(name::endsWith)
                || ENCRYPTION.stream()
                        .anyMatch(end -> name.equals(stack.getMetadata().getName() + end));
    }

    private static Optional<OutputsSpec.OutputSecret> configured(Stack stack) {
        return Optional.ofNullable(stack.getSpec()).map(spec -> spec.outputs()).map(OutputsSpec::secret);
    }

    private static Map<String, String> encode(Map<String, String> data) {
        Map<String, String> encoded = new TreeMap<>();
        data.forEach((key, value) ->
                encoded.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
        return encoded;
    }

    private static <V> Map<String, V> orEmpty(Map<String, V> map) {
        return map == null ? Map.of() : map;
    }
}
