package io.stackwright.operator.execution.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * Merges one pod template over another as Kubernetes' strategic merge patch does: objects by field, lists by the key
 * that the API gives them, everything else by replacement. Neither nulls nor directives: {@link PodTemplateRules} lets
 * none through.
 */
final class StrategicMerge {

    /** Lists of a pod template that are merged, with their keys; the others are replaced as a whole. */
    private static final Map<String, String> MERGE_KEYS = Map.of(
            "containers", "name",
            "initContainers", "name",
            "volumes", "name",
            "env", "name",
            "volumeMounts", "mountPath",
            "imagePullSecrets", "name",
            "hostAliases", "ip",
            "topologySpreadConstraints", "topologyKey");

    private StrategicMerge() {}

    /** A template of its own; neither argument is changed. */
    static JsonNode merged(JsonNode base, JsonNode patch) {
        if (!(base instanceof ObjectNode under) || !(patch instanceof ObjectNode over)) {
            return patch.deepCopy();
        }
        ObjectNode result = under.deepCopy();
        over.properties().forEach(field -> {
            JsonNode present = result.get(field.getKey());
            result.set(field.getKey(), merged(field.getKey(), present, field.getValue()));
        });
        return result;
    }

    private static JsonNode merged(String field, JsonNode present, JsonNode patch) {
        if (present == null) {
            return patch.deepCopy();
        }
        String key = MERGE_KEYS.get(field);
        boolean byKey = key != null && present.isArray() && patch.isArray();
        return byKey ? merged(key, (ArrayNode) present, (ArrayNode) patch) : merged(present, patch);
    }

    private static ArrayNode merged(String key, ArrayNode present, ArrayNode patch) {
        ArrayNode result = present.deepCopy();
        for (JsonNode item : patch) {
            int index = indexOf(result, key, item.path(key));
            if (index < 0) {
                result.add(item.deepCopy());
            } else {
                result.set(index, merged(result.get(index), item));
            }
        }
        return result;
    }

    private static int indexOf(ArrayNode items, String key, JsonNode value) {
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).path(key).equals(value)) {
                return i;
            }
        }
        return -1;
    }
}
