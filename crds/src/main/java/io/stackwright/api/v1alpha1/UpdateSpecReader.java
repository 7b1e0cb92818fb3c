package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/**
 * Reads an Update's spec without ever failing, for the reason that {@link StackSpecReader} gives.
 *
 * <p>Whose it is must stay known: its run may be on its way.
 */
final class UpdateSpecReader extends JsonDeserializer<UpdateSpec> {

    @Override
    public UpdateSpec deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        JsonNode tree = parser.readValueAsTree();
        try {
            return parser.getCodec().treeToValue(tree, UpdateSpec.class);
        } catch (JsonMappingException e) {
            return UpdateSpec.unreadable(tree.path("stack").textValue());
        }
    }
}
