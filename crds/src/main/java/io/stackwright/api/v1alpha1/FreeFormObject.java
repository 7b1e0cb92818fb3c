package io.stackwright.api.v1alpha1;

import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** Makes a field of any JSON an object that is not empty: without a type it does not exist for CEL. */
public final class FreeFormObject implements SchemaCustomizer.Customizer {

    @Override
    public JSONSchemaProps apply(JSONSchemaProps schema, String input, KubernetesSerialization serialization) {
        for (String field : input.split(",")) {
            JSONSchemaProps property = schema.getProperties().get(field);
            property.setType("object");
            property.setMinProperties(1L);
            property.setXKubernetesPreserveUnknownFields(true);
        }
        return schema;
    }
}
