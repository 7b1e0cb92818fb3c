package io.stackwright.operator.outputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.stackwright.api.v1alpha1.OutputsSpec;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackSpec;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.outputs.OutputPublisher.Published;
import io.stackwright.testkit.ControlPlane;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The outputs Secret on a real API server. */
class OutputPublisherIT {

    private final KubernetesClient client = ControlPlane.shared().client();
    private final OutputPublisher publisher = new OutputPublisher(client);
    private String namespace;
    private Stack stack;

    @BeforeEach
    void createNamespace() {
        namespace = ControlPlane.shared().createNamespace("outputs");
        stack = stack(null, null, null);
    }

    @Test
    void createsTheSecretWithOurMarkAndWithoutAnOwner() {
        // when
        Published published = publisher.publish(stack, Map.of("url", "https://é", "empty", ""));

        // then
        assertThat(published).isEqualTo(new Published.Done("shop-outputs", true));
        Secret secret = secret("shop-outputs");
        assertThat(data(secret)).isEqualTo(Map.of("url", "https://é", "empty", ""));
        assertThat(secret.getType()).isEqualTo("Opaque");
        assertThat(secret.getMetadata().getOwnerReferences()).isEmpty();
        assertThat(secret.getMetadata().getLabels())
                .containsOnly(
                        Map.entry("app.kubernetes.io/managed-by", "stackwright"),
                        Map.entry("stackwright.io/stack", "shop"),
                        Map.entry(
                                "stackwright.io/stack-uid", stack.getMetadata().getUid()));
    }

    @Test
    void writesNothingWhenNothingChanged() {
        // given
        publisher.publish(stack, Map.of("b", "1", "a", "2"));
        String version = secret("shop-outputs").getMetadata().getResourceVersion();

        // when
        Published published = publisher.publish(stack, Map.of("a", "2", "b", "1"));

        // then
        assertThat(published).isEqualTo(new Published.Done("shop-outputs", false));
        assertThat(secret("shop-outputs").getMetadata().getResourceVersion()).isEqualTo(version);
    }

    @Test
    void writesNothingWhenThereIsNothingToPublish() {
        // given
        publisher.publish(stack, Map.of());

        // then
        assertThat(publisher.publish(stack, Map.of())).isEqualTo(new Published.Done("shop-outputs", false));
        assertThat(data(secret("shop-outputs"))).isEmpty();
    }

    @Test
    void replacesChangedOutputsAndDropsRemovedOnes() {
        // given
        publisher.publish(stack, Map.of("kept", "1", "removed", "2"));
        client.resource(secret("shop-outputs"))
                .edit(s -> new SecretBuilder(s)
                        .editMetadata()
                        .addToLabels("team", "shop")
                        .endMetadata()
                        .build());

        // when
        Published published = publisher.publish(stack, Map.of("kept", "3", "added", "4"));

        // then
        assertThat(published).isEqualTo(new Published.Done("shop-outputs", true));
        assertThat(data(secret("shop-outputs"))).isEqualTo(Map.of("kept", "3", "added", "4"));
        assertThat(secret("shop-outputs").getMetadata().getLabels()).containsEntry("team", "shop");

        // when
        publisher.publish(stack, Map.of());

        // then
        assertThat(data(secret("shop-outputs"))).isEmpty();
    }

    @Test
    void leavesForeignSecretsAlone() {
        // given
        List<Map<String, String>> labels = List.of(
                Map.of(),
                Map.of("app.kubernetes.io/managed-by", "stackwright"),
                Map.of("stackwright.io/stack-uid", stack.getMetadata().getUid()),
                Map.of(
                        "app.kubernetes.io/managed-by", "stackwright",
                        "stackwright.io/stack", "another",
                        "stackwright.io/stack-uid", UUID.randomUUID().toString()));

        for (Map<String, String> label : labels) {
            Secret foreign = create("shop-outputs", label, false);

            // when
            Published published = publisher.publish(stack, Map.of("url", "canary"));
            publisher.delete(stack, "shop-outputs");

            // then
            assertThat(published).isInstanceOfSatisfying(Published.Refused.class, refused -> {
                assertThat(refused.reason()).isEqualTo(Reason.OutputsConflict);
                assertThat(refused.message())
                        .contains("shop-outputs", "spec.outputs.secret.name")
                        .doesNotContain("canary", "mine");
            });
            assertThat(secret("shop-outputs")).isEqualTo(foreign);
            client.resource(foreign).delete();
        }
    }

    /** Whether one of that name exists now says nothing of the next run. */
    @ParameterizedTest
    @ValueSource(strings = {"shop-1-run-input", "any-run-result", "shop-passphrase", "shop-encryptionsalt"})
    void takesNoNameThatTheOperatorKeeps(String name) {
        // when
        Published published = publisher.publish(stack(name, null, null), Map.of("url", "canary"));

        // then
        assertThat(published).isInstanceOfSatisfying(Published.Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(Reason.OutputsConflict);
            assertThat(refused.message()).contains(name, "spec.outputs.secret.name");
        });
        assertThat(secret(name)).isNull();
    }

    @Test
    void takesOverASecretThatWasHandedToIt() {
        // given
        create(
                "shop-outputs",
                Map.of(
                        "app.kubernetes.io/managed-by",
                        "stackwright",
                        "stackwright.io/stack-uid",
                        stack.getMetadata().getUid()),
                false);

        // when
        publisher.publish(stack, Map.of("url", "u"));

        // then
        assertThat(data(secret("shop-outputs"))).isEqualTo(Map.of("url", "u"));
    }

    @Test
    void takesOverWhatAFormerStackOfItsNameHasLeft() {
        // given: the Stack was re-created or restored from a backup
        create(
                "shop-outputs",
                Map.of(
                        "app.kubernetes.io/managed-by", "stackwright",
                        "stackwright.io/stack", "shop",
                        "stackwright.io/stack-uid", UUID.randomUUID().toString()),
                false);

        // when
        publisher.publish(stack, Map.of("url", "u"));

        // then
        assertThat(data(secret("shop-outputs"))).isEqualTo(Map.of("url", "u"));
        assertThat(secret("shop-outputs").getMetadata().getLabels())
                .containsEntry("stackwright.io/stack-uid", stack.getMetadata().getUid());
    }

    @Test
    void refusesWhenItsOwnSecretWasMadeImmutable() {
        // given
        create(
                "shop-outputs",
                Map.of(
                        "app.kubernetes.io/managed-by",
                        "stackwright",
                        "stackwright.io/stack-uid",
                        stack.getMetadata().getUid()),
                true);

        // then
        assertThat(publisher.publish(stack, Map.of("url", "u")))
                .isInstanceOfSatisfying(
                        Published.Refused.class,
                        refused -> assertThat(refused.message()).contains("immutable", "delete it"));
    }

    @Test
    void movesToANewName() {
        // given
        publisher.publish(stack, Map.of("url", "u"));

        // when
        Stack renamed = stack("other", null, "shop-outputs");
        publisher.publish(renamed, Map.of("url", "u"));

        // then
        assertThat(data(secret("other"))).isEqualTo(Map.of("url", "u"));
        assertThat(secret("shop-outputs")).isNull();
    }

    @Test
    void keepsTheOldSecretWhenTheNewNameIsTaken() {
        // given
        publisher.publish(stack, Map.of("url", "u"));
        create("other", Map.of(), false);

        // when
        Published published = publisher.publish(stack("other", null, "shop-outputs"), Map.of("url", "u"));

        // then
        assertThat(published).isInstanceOf(Published.Refused.class);
        assertThat(secret("shop-outputs")).isNotNull();
    }

    @Test
    void doesNotDeleteAForeignSecretOfTheOldName() {
        // given
        create("old", Map.of(), false);

        // when
        publisher.publish(stack("other", null, "old"), Map.of());

        // then
        assertThat(secret("old")).isNotNull();
    }

    @Test
    void deletesItsOwnAndNothingElse() {
        // given
        publisher.publish(stack, Map.of("url", "u"));

        // when
        publisher.delete(stack, "shop-outputs");
        publisher.delete(stack, "shop-outputs");

        // then
        assertThat(secret("shop-outputs")).isNull();
    }

    @Test
    void leavesARetainedSecretBehindWithoutItsMark() {
        // given
        publisher.publish(stack, Map.of("url", "u"));

        // when
        Stack retaining = stack(null, true, "shop-outputs");
        publisher.delete(retaining, "shop-outputs");

        // then
        assertThat(data(secret("shop-outputs"))).isEqualTo(Map.of("url", "u"));
        assertThat(secret("shop-outputs").getMetadata().getLabels()).isNullOrEmpty();
        assertThat(publisher.publish(stack, Map.of())).isInstanceOf(Published.Refused.class);
    }

    @Test
    void publishesAsMuchAsASecretHolds() {
        // given
        Map<String, String> large = new TreeMap<>();
        large.put("large", "x".repeat(OutputSecretData.MAX_BYTES - 100));
        Map<String, String> many = new TreeMap<>();
        int size = 34;
        for (int i = 0; i * size < OutputSecretData.MAX_BYTES; i++) {
            many.put("%05d".formatted(i), "");
        }

        // then
        assertThat(publisher.publish(stack, large)).isEqualTo(new Published.Done("shop-outputs", true));
        assertThat(publisher.publish(stack("many", null, null), many)).isEqualTo(new Published.Done("many", true));
    }

    @Test
    void survivesRacesWithItself() throws Exception {
        // given
        List<Callable<Published>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Map<String, String> data = Map.of("url", "u" + i);
            calls.add(() -> publisher.publish(stack, data));
        }

        // when
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Published> call : threads.invokeAll(calls)) {
                // then
                assertThat(call.get()).isEqualTo(new Published.Done("shop-outputs", true));
            }
        }
        assertThat(data(secret("shop-outputs"))).hasSize(1);
    }

    @Test
    void doesNotTouchASecretThatIsTakenAwayBetweenLookAndWrite() {
        for (String method : List.of("PUT", "DELETE")) {
            // given
            publisher.publish(stack, Map.of("url", "u"));

            // when
            try (KubernetesClient racing = clientThatLosesTheMarkBefore(method)) {
                OutputPublisher late = new OutputPublisher(racing);
                if (method.equals("PUT")) {
                    assertThat(late.publish(stack, Map.of("url", "changed"))).isInstanceOf(Published.Refused.class);
                } else {
                    late.delete(stack, "shop-outputs");
                }
            }

            // then
            assertThat(data(secret("shop-outputs"))).as(method).isEqualTo(Map.of("url", "u"));
            client.resource(secret("shop-outputs")).delete();
        }
    }

    private KubernetesClient clientThatLosesTheMarkBefore(String method) {
        AtomicBoolean done = new AtomicBoolean();
        Interceptor takeAway = new Interceptor() {
            @Override
            public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                if (request.method().equals(method) && done.compareAndSet(false, true)) {
                    client.resource(secret("shop-outputs"))
                            .edit(s -> new SecretBuilder(s)
                                    .editMetadata()
                                    .withLabels(Map.of())
                                    .endMetadata()
                                    .build());
                }
            }
        };
        return new KubernetesClientBuilder()
                .withConfig(ControlPlane.shared().config())
                .withHttpClientBuilderConsumer(builder -> builder.addOrReplaceInterceptor("race", takeAway))
                .build();
    }

    @Test
    void tellsWhenTheApiServerRefuses() {
        // given
        stack.getMetadata().setNamespace("does-not-exist");

        // then
        assertThatThrownBy(() -> publisher.publish(stack, Map.of("url", "canary")))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageNotContaining("canary");
    }

    private Stack stack(String secretName, Boolean retain, String published) {
        Stack result = new Stack();
        result.getMetadata().setNamespace(namespace);
        result.getMetadata().setName("shop");
        result.getMetadata()
                .setUid(
                        stack == null
                                ? UUID.randomUUID().toString()
                                : stack.getMetadata().getUid());
        OutputsSpec outputs = secretName == null && retain == null
                ? null
                : new OutputsSpec(new OutputsSpec.OutputSecret(secretName, null, retain));
        result.setSpec(new StackSpec(
                null, null, null, null, null, null, null, null, null, outputs, null, null, null, null, null));
        result.setStatus(new StackStatus(
                null, null, null, null, null, null, null, null, null, null, published, null, null, null, null, null));
        return result;
    }

    private Secret create(String name, Map<String, String> labels, boolean immutable) {
        return client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .withData(Map.of(
                                "k", Base64.getEncoder().encodeToString("mine".getBytes(StandardCharsets.UTF_8))))
                        .withImmutable(immutable ? true : null)
                        .build())
                .create();
    }

    private Secret secret(String name) {
        return client.secrets().inNamespace(namespace).withName(name).get();
    }

    private static Map<String, String> data(Secret secret) {
        Map<String, String> data = new TreeMap<>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((key, value) ->
                            data.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
        }
        return data;
    }
}
