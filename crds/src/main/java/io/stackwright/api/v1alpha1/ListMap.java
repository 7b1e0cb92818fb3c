package io.stackwright.api.v1alpha1;

import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes lists into maps with a key, so that two writers can own different entries and duplicates are refused.
 *
 * <p>Input: {@code field=key[,field=key…]}.
 */
public final class ListMap implements SchemaCustomizer.Customizer {

    @Override
    public JSONSchemaProps apply(JSONSchemaProps schema, String input, KubernetesSerialization serialization) {
        for (String entry : input.split(",")) {
            String[] fieldAndKey = entry.split("=");
            JSONSchemaProps property = schema.getProperties().get(fieldAndKey[0]);
            property.setXKubernetesListType("map");
            property.setXKubernetesListMapKeys(new ArrayList<>(List.of(fieldAndKey[1])));
        }
        return schema;
    }
}
