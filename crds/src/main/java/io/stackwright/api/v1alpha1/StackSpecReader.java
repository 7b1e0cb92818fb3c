package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/**
 * Reads a Stack's spec without ever failing.
 *
 * <p>One object that cannot be deserialised would otherwise stop the informer, and with it every other Stack: an
 * older operator after a downgrade meets enum values it does not know.
 */
final class StackSpecReader extends JsonDeserializer<StackSpec> {

    @Override
    public StackSpec deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        JsonNode tree = parser.readValueAsTree();
        try {
            return parser.getCodec().treeToValue(tree, StackSpec.class);
        } catch (JsonMappingException e) {
            return StackSpec.unreadable();
        }
    }
}
