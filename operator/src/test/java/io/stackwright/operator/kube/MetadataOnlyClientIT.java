package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.stackwright.testkit.ControlPlane;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetadataOnlyClientIT {

    private static final String CANARY = "canary-7f3a";
    private static final String CANARY_BASE64 = "Y2FuYXJ5LTdmM2E=";

    private final KubernetesClient client = ControlPlane.shared().client();
    private final KubernetesClient metadata =
            new KubeClients(ControlPlane.shared().config(), "test").createMetadataOnly();
    private final String namespace = ControlPlane.shared().createNamespace("metadata");
    private final List<String> events = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        metadata.close();
    }

    @Test
    void secretsArriveWithoutTheirContent() {
        // given: one that is listed
        client.resource(secret("listed")).create();
        try (SharedIndexInformer<Secret> informer =
                metadata.secrets().inNamespace(namespace).inform(new Recording<>())) {
            // when: and one that is watched, changed and deleted
            client.resource(secret("watched")).create();
            await().until(() -> events.contains("add watched"));
            client.secrets()
                    .inNamespace(namespace)
                    .withName("watched")
                    .edit(present -> new SecretBuilder(present)
                            .addToStringData("more", CANARY)
                            .build());

            // then
            await().until(() -> events.contains("update watched"));
            assertThat(informer.getStore().list())
                    .hasSize(2)
                    .allSatisfy(cached -> assertThat(cached.getMetadata().getResourceVersion())
                            .isNotEmpty())
                    .allSatisfy(this::isMetadata)
                    .allSatisfy(this::hasNoCanary);
            client.secrets().inNamespace(namespace).withName("watched").delete();
            await().until(() -> events.contains("delete watched"));
        }
    }

    @Test
    void configMapsArriveWithoutTheirContent() {
        // given
        client.resource(configMap()).create();

        // when
        try (SharedIndexInformer<ConfigMap> informer =
                metadata.configMaps().inNamespace(namespace).inform(new Recording<>())) {
            // then
            assertThat(informer.getStore().list()).singleElement().satisfies(this::isMetadata, this::hasNoCanary);
        }
    }

    @Test
    void aServerThatSendsTheContentNeverthelessIsNotBelieved() {
        // given: the answer of a server that ignores what is asked for
        String answer = client.getKubernetesSerialization().asJson(secret("nosy"));

        // then
        assertThat(answer).contains(CANARY_BASE64);
        assertThat(metadata.getKubernetesSerialization().unmarshal(answer, Secret.class))
                .satisfies(this::hasNoCanary)
                .satisfies(read -> assertThat(read.getMetadata().getName()).isEqualTo("nosy"));
    }

    /** The API server did not even send it. */
    private void isMetadata(HasMetadata cached) {
        assertThat(cached.getKind()).isEqualTo("PartialObjectMetadata");
    }

    private void hasNoCanary(HasMetadata cached) {
        assertThat(client.getKubernetesSerialization().asJson(cached)).doesNotContain(CANARY, CANARY_BASE64);
    }

    /** As {@code kubectl apply} writes it: with a copy of itself in an annotation. */
    private Secret secret(String name) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .addToAnnotations(
                        "kubectl.kubernetes.io/last-applied-configuration",
                        "{\"data\":{\"password\":\"" + CANARY_BASE64 + "\"}}")
                .endMetadata()
                .addToData("password", CANARY_BASE64)
                .build();
    }

    private ConfigMap configMap() {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("config")
                .addToAnnotations("kubectl.kubernetes.io/last-applied-configuration", CANARY)
                .endMetadata()
                .addToData("plain", CANARY)
                .addToBinaryData("binary", CANARY_BASE64)
                .build();
    }

    private final class Recording<T extends HasMetadata> implements ResourceEventHandler<T> {

        @Override
        public void onAdd(T object) {
            record("add ", object);
        }

        @Override
        public void onUpdate(T before, T now) {
            record("update ", now);
        }

        @Override
        public void onDelete(T object, boolean unknownState) {
            record("delete ", object);
        }

        private void record(String what, T object) {
            isMetadata(object);
            hasNoCanary(object);
            events.add(what + object.getMetadata().getName());
        }
    }
}
