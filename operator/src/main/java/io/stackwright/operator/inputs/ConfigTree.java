package io.stackwright.operator.inputs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stackwright.operator.inputs.PropertyPath.Step;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Configuration being put together; places are set with the rules of {@code pulumi config set --path}. */
final class ConfigTree {

    private final String project;
    private final Map<String, JsonNode> values = new LinkedHashMap<>();

    /**
     * @param project namespace of keys that have none
     * @param base values to start from, by qualified key
     */
    ConfigTree(String project, Map<String, JsonNode> base) {
        this.project = project;
        base.forEach((key, value) -> values.put(key, value.deepCopy()));
    }

    /** Sets one value; {@code value} may be a ciphertext object. */
    void set(String field, PropertyPath place, JsonNode value) throws InputsException {
        String key = place.qualifiedKey(project);
        JsonNode root = values.get(key);
        List<Step> way = place.below();
        // Like the CLI: a scalar at the very top gives way, further down it is a mistake.
        JsonNode start = way.isEmpty() || isContainer(root) ? root : container(way.getFirst());
        values.put(key, set(field, start, way, value));
    }

    /** All values by qualified key, in the order they came. */
    Map<String, JsonNode> values() {
        return values;
    }

    private static JsonNode set(String field, JsonNode at, List<Step> way, JsonNode value) throws InputsException {
        if (way.isEmpty()) {
            return value;
        }
        JsonNode here = at == null || at.isNull() ? container(way.getFirst()) : at;
        List<Step> rest = way.subList(1, way.size());
        switch (way.getFirst()) {
            case Step.Name(String name)
            when here instanceof ObjectNode object && isContainer(object) -> {
                object.set(name, set(field, object.get(name), rest, value));
                if (ConfigValues.isCiphertext(object)) {
                    throw InputsException.invalid(field + ": Pulumi takes an object whose only key is `secure` for a"
                            + " ciphertext; use another key");
                }
            }
            case Step.Index(int index)
            when here instanceof ArrayNode array -> {
                if (index > array.size()) {
                    throw InputsException.invalid(field + ": array index " + index + " leaves a gap, the array has "
                            + array.size() + " elements so far; list the elements in order");
                }
                if (index == array.size()) {
                    array.addNull();
                }
                array.set(index, set(field, array.get(index), rest, value));
            }
            case Step.Name(String name) ->
                throw InputsException.invalid(
                        field + ": `" + Messages.shorten(name) + "` goes into a value that is not an object");
            case Step.Index(int index) ->
                throw InputsException.invalid(field + ": [" + index + "] goes into a value that is not an array");
        }
        return here;
    }

    private static boolean isContainer(JsonNode value) {
        return value != null && value.isContainerNode() && !ConfigValues.isCiphertext(value);
    }

    private static JsonNode container(Step first) {
        return switch (first) {
            case Step.Name(String name) -> JsonNodeFactory.instance.objectNode();
            case Step.Index(int index) -> {
                ArrayNode array = JsonNodeFactory.instance.arrayNode(index + 1);
                for (int i = 0; i <= index; i++) {
                    array.addNull();
                }
                yield array;
            }
        };
    }
}
