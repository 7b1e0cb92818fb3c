package io.stackwright.operator.badinput;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionSpec;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * While it is open the API server admits any object: those that an older or newer schema let in. Closing brings the
 * committed schema back; what was admitted stays.
 */
final class OpenSchema implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final KubernetesClient client;
    private final String namespace;
    private final Map<String, CustomResourceDefinitionSpec> committed = new HashMap<>();

    /** Opens both kinds. */
    OpenSchema(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
        for (String kind : List.of("stacks", "updates")) {
            CustomResourceDefinition crd = definition(kind);
            committed.put(kind, Serialization.clone(crd.getSpec()));
            crd.getSpec().getVersions().getFirst().getSchema().setOpenAPIV3Schema(anything());
            crd.getSpec().getVersions().getFirst().setSelectableFields(new ArrayList<>());
            crd.getMetadata().setManagedFields(null);
            client.resource(crd).update();
        }
        await().atMost(PATIENCE).until(() -> admits("Stack") && admits("Update"));
    }

    private static JSONSchemaProps anything() {
        return new JSONSchemaPropsBuilder()
                .withType("object")
                .withXKubernetesPreserveUnknownFields(true)
                .build();
    }

    private CustomResourceDefinition definition(String plural) {
        return client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(plural + ".stackwright.io")
                .get();
    }

    private boolean admits(String kind) {
        try {
            client.resource(object(kind, "probe", "{nothing: sensible}", null))
                    .dryRun()
                    .create();
            return true;
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    /** Any object, also one that has no type for us. */
    GenericKubernetesResource object(String kind, String name, String spec, String status) {
        GenericKubernetesResource object = Serialization.unmarshal(
                "apiVersion: stackwright.io/v1alpha1\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec:\n"
                        + spec.indent(2) + (status == null ? "" : "status:\n" + status.indent(2)),
                GenericKubernetesResource.class);
        object.getMetadata().setNamespace(namespace);
        return object;
    }

    /** Creates the object, and writes its status where one is given. */
    void create(String kind, String name, String spec, String status) {
        create(object(kind, name, spec, status));
    }

    void create(GenericKubernetesResource object) {
        client.resource(object).create();
        if (object.getAdditionalProperties().containsKey("status")) {
            // The status of a create is ignored.
            client.resource(object)
                    .subresource("status")
                    .patch(
                            io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                                    io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
                            Serialization.asJson(Map.of(
                                    "status", object.getAdditionalProperties().get("status"))));
        }
    }

    @Override
    public void close() {
        committed.forEach((kind, spec) -> {
            CustomResourceDefinition crd = definition(kind);
            crd.setSpec(spec);
            crd.getMetadata().setManagedFields(null);
            client.resource(crd).update();
        });
        await().atMost(PATIENCE).until(() -> !admits("Stack") && !admits("Update"));
    }
}
