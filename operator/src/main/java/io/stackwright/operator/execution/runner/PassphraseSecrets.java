package io.stackwright.operator.execution.runner;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Annotations;
import io.stackwright.api.v1alpha1.Labels;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.source.StackKey;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps passphrase and salt in Secrets of the Stack's namespace.
 *
 * <p>{@code <stack>-passphrase} holds {@code passphrase} and {@code encryptionsalt} where the operator generates the
 * passphrase; {@code <stack>-encryptionsalt} holds the salt alone where the Stack refers to a passphrase of its own.
 * Neither has an owner: losing one of them loses the secrets in the state, so a finalizer keeps it until the Pulumi
 * stack is gone. One that was released has an annotation: the next Stack of that name may use it, and may mean another
 * Pulumi stack, so it is never deleted with a Stack again.
 */
public final class PassphraseSecrets implements EncryptionMaterial {

    private static final String FINALIZER = "stackwright.io/passphrase";
    private static final String PASSPHRASE = "passphrase";
    private static final String SALT = "encryptionsalt";
    private static final Map<String, String> MARK = Map.of(Labels.MANAGED_BY, Labels.MANAGER);
    private static final int PASSPHRASE_BYTES = 32;

    private final KubernetesClient client;
    private final SecureRandom random = new SecureRandom();

    public PassphraseSecrets(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Material of(Holder holder, Optional<String> given, boolean used) {
        StackKey stack = holder.stack();
        String name = name(stack, given.isPresent());
        Optional<Secret> kept = find(stack, name);
        kept.ifPresent(secret -> requireOurs(stack, secret));
        boolean held = kept.filter(secret -> isHeldBy(holder, secret)).isPresent();
        boolean letGo = kept.filter(secret -> !isHeld(secret)).isPresent();
        if (given.isPresent()) {
            return new Material(given.get(), kept.flatMap(secret -> value(secret, SALT)), held, letGo);
        }
        if (kept.isEmpty() && used) {
            throw unusable(
                    stack, name, "is gone; without its passphrase the state cannot be read: restore it from a backup");
        }
        Secret secret = kept.orElseGet(() -> create(holder, name, PASSPHRASE, newPassphrase()));
        String passphrase = value(secret, PASSPHRASE)
                .orElseThrow(() -> unusable(stack, name, "has no key " + PASSPHRASE + "; restore it from a backup"));
        return new Material(passphrase, value(secret, SALT), held || kept.isEmpty(), letGo);
    }

    @Override
    public void keep(Holder holder, boolean given, String encryptionSalt) {
        StackKey stack = holder.stack();
        String name = name(stack, given);
        Optional<Secret> kept = find(stack, name);
        if (kept.isEmpty()) {
            create(holder, name, SALT, encryptionSalt);
            return;
        }
        requireOurs(stack, kept.get());
        String salt = value(kept.get(), SALT).orElse(encryptionSalt);
        client.resource(kept.get())
                .edit(secret -> new SecretBuilder(secret)
                        .editMetadata()
                        .addToLabels(Labels.STACK_UID, holder.uid())
                        .removeFromFinalizers(FINALIZER)
                        .addToFinalizers(FINALIZER)
                        .endMetadata()
                        .addToData(SALT, encode(salt))
                        .build());
    }

    @Override
    public boolean isUsed(StackKey stack) {
        return ours(stack).stream()
                .anyMatch(secret -> isHeld(secret) && value(secret, SALT).isPresent());
    }

    @Override
    public void delete(Holder holder) {
        for (Secret secret : ours(holder.stack())) {
            if (isMarkedFor(holder, secret)) {
                if (!isRetained(secret)) {
                    client.resource(secret).delete();
                }
                edit(secret, metadata -> metadata.removeFromFinalizers(FINALIZER));
            }
        }
    }

    @Override
    public void release(Holder holder) {
        // Also what a Stack of this name had that was lost: this one was restored in its place.
        for (Secret secret : ours(holder.stack())) {
            edit(
                    secret,
                    metadata ->
                            metadata.removeFromFinalizers(FINALIZER).addToAnnotations(Annotations.RETAINED, "true"));
        }
    }

    private List<Secret> ours(StackKey stack) {
        return List.of(true, false).stream()
                .flatMap(given -> find(stack, name(stack, given)).stream())
                .filter(secret -> isOurs(stack, secret))
                .toList();
    }

    private void edit(Secret secret, Consumer<ObjectMetaBuilder> change) {
        try {
            // Read again: a deletion that waits for our finalizer is a change too.
            client.secrets()
                    .inNamespace(secret.getMetadata().getNamespace())
                    .withName(secret.getMetadata().getName())
                    .edit(current -> {
                        ObjectMetaBuilder metadata = new ObjectMetaBuilder(current.getMetadata());
                        change.accept(metadata);
                        return new SecretBuilder(current)
                                .withMetadata(metadata.build())
                                .build();
                    });
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    private static boolean isRetained(Secret secret) {
        Map<String, String> annotations = secret.getMetadata().getAnnotations();
        return annotations != null && annotations.containsKey(Annotations.RETAINED);
    }

    private static boolean isHeldBy(Holder holder, Secret secret) {
        return isMarkedFor(holder, secret) && isHeld(secret);
    }

    private static boolean isHeld(Secret secret) {
        return secret.getMetadata().getFinalizers().contains(FINALIZER);
    }

    private static boolean isMarkedFor(Holder holder, Secret secret) {
        Map<String, String> labels = secret.getMetadata().getLabels();
        return labels != null && holder.uid().equals(labels.get(Labels.STACK_UID));
    }

    private Optional<Secret> find(StackKey stack, String name) {
        return Optional.ofNullable(
                client.secrets().inNamespace(stack.namespace()).withName(name).get());
    }

    private Secret create(Holder holder, String name, String key, String value) {
        StackKey stack = holder.stack();
        return client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(stack.namespace())
                        .withLabels(MARK)
                        .addToLabels(Labels.STACK, stack.name())
                        .addToLabels(Labels.STACK_UID, holder.uid())
                        .withFinalizers(FINALIZER)
                        .endMetadata()
                        .withType("Opaque")
                        .withData(Map.of(key, encode(value)))
                        .build())
                .create();
    }

    private static void requireOurs(StackKey stack, Secret secret) {
        if (!isOurs(stack, secret)) {
            throw unusable(
                    stack,
                    secret.getMetadata().getName(),
                    "exists and was not made by Stackwright; rename it, or the Stack");
        }
    }

    private static boolean isOurs(StackKey stack, Secret secret) {
        Map<String, String> labels = secret.getMetadata().getLabels();
        return labels != null
                && labels.entrySet().containsAll(MARK.entrySet())
                && stack.name().equals(labels.get(Labels.STACK));
    }

    private static EngineException unusable(StackKey stack, String secret, String why) {
        return new EngineException(new Failure(
                Failure.Kind.INVALID,
                Reason.InputsInvalid,
                "Secret " + secret + ", which keeps the encryption of Stack " + stack.name() + ", " + why
                        + "; then annotate the Stack with stackwright.io/reconcile"));
    }

    /** Name of the Secret that keeps what a Stack is encrypted with. */
    static String name(StackKey stack, boolean given) {
        return stack.name() + (given ? "-encryptionsalt" : "-passphrase");
    }

    private String newPassphrase() {
        byte[] bytes = new byte[PASSPHRASE_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Optional<String> value(Secret secret, String key) {
        return Optional.ofNullable(secret.getData())
                .map(data -> data.get(key))
                .map(text -> new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8))
                .filter(text -> !text.isEmpty());
    }

    private static String encode(String value) {
        return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
    }
}
