package io.stackwright.operator.inputs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Which plain values Pulumi's settings file can hold without changing their meaning. */
final class ConfigValues {

    private static final String SECURE = "secure";

    private ConfigValues() {}

    /**
     * Refuses what would be read back as something else.
     *
     * @param field for the message
     */
    static void check(String field, JsonNode value) throws InputsException {
        if (value == null || value.isNull()) {
            throw InputsException.invalid(
                    field + " is null, which Pulumi reads as an empty string; remove the key, or set it to"
                            + " \"\"; server-side apply makes null of an object that loses its last key");
        }
        checkBelow(field, value);
    }

    /** Whether Pulumi takes this for a ciphertext: an object whose only key is {@code secure}, with text. */
    static boolean isCiphertext(JsonNode value) {
        return value instanceof ObjectNode object
                && object.size() == 1
                && object.path(SECURE).isTextual();
    }

    static ObjectNode ciphertext(String text) {
        return JsonNodeFactory.instance.objectNode().put(SECURE, text);
    }

    private static void checkBelow(String field, JsonNode value) throws InputsException {
        if (isCiphertext(value)) {
            throw InputsException.invalid(field + " contains an object whose only key is `secure`, which Pulumi takes"
                    + " for a ciphertext; use configFrom with a secretKeyRef for a secret, or another key");
        }
        if (value.isNumber() && Double.isInfinite(value.doubleValue())) {
            throw InputsException.invalid(field + " holds a number too large for Pulumi; write it as a string");
        }
        for (Map.Entry<String, JsonNode> child : value.properties()) {
            checkBelow(field, child.getValue());
        }
        if (value.isArray()) {
            for (JsonNode child : value) {
                checkBelow(field, child);
            }
        }
    }
}
