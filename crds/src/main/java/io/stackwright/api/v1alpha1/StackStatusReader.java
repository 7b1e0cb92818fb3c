package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * Reads a Stack's status without ever failing, for the reason that {@link StackSpecReader} gives: another operator, or
 * another version of this one, may have written it.
 *
 * <p>A part that lacks what makes it one (an identity without a name, a failure without a count) is left out as a whole.
 */
final class StackStatusReader extends JsonDeserializer<StackStatus> {

    @Override
    public StackStatus deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        JsonNode tree = parser.readValueAsTree();
        if (tree instanceof ObjectNode status) {
            StatusReading.tidyConditions(status);
            StatusReading.requireTexts(status, "stack", "organization", "project", "name", "backend");
            StatusReading.requireTexts(status, "applied", "revision");
            StatusReading.requireNumber(status, "applied", "generation");
            StatusReading.requireTexts(status, "failures", "reason");
            StatusReading.requireNumber(status, "failures", "count");
            StatusReading.requireTimes(status, "failures", "since", "lastAt", "nextAttemptAt");
            StatusReading.requireTextList(status, "secretOutputs");
            StatusReading.requireTextList(status, "omittedOutputs");
        }
        return StatusReading.read(tree, parser.getCodec(), StackStatus.class, StackStatus.empty());
    }
}
