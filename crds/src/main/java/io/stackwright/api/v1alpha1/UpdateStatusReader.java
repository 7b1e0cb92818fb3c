package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;

/**
 * Reads an Update's status without ever failing, for the reason that {@link StackSpecReader} gives.
 *
 * <p>What it decides on is never read as nothing, which would mean "not started" and run it again: an unknown phase
 * counts as running while an executor may be at work, and else as ended; an unknown result as {@code Interrupted},
 * which claims nothing; an executor without a name as one that nobody can prove dead.
 */
final class UpdateStatusReader extends JsonDeserializer<UpdateStatus> {

    private static final String UNKNOWN = "unknown";

    @Override
    public UpdateStatus deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        JsonNode tree = parser.readValueAsTree();
        if (tree instanceof ObjectNode status) {
            StatusReading.tidyConditions(status);
            if (status.get("run") instanceof ObjectNode run) {
                readRun(run);
            }
            if (isUnknown(status.path("phase"), Phase.values())) {
                status.put("phase", mayRun(status) ? Phase.Running.name() : Phase.Interrupted.name());
            }
        }
        return StatusReading.read(tree, parser.getCodec(), UpdateStatus.class, UpdateStatus.empty());
    }

    private static void readRun(ObjectNode run) {
        if (isUnknown(run.path("result"), RunStatus.Result.values())) {
            run.put("result", RunStatus.Result.Interrupted.name());
        }
        JsonNode executor = run.path("executor");
        if (!executor.isMissingNode()
                && !executor.isNull()
                && !executor.path("instance").isTextual()) {
            run.putObject("executor").put("instance", UNKNOWN);
        }
    }

    private static boolean mayRun(ObjectNode status) {
        JsonNode run = status.path("run");
        return run.path("executor").isObject()
                && !run.path("result").isTextual()
                && !status.path("finishedAt").isTextual();
    }

    private static boolean isUnknown(JsonNode text, Enum<?>[] known) {
        return !text.isMissingNode()
                && !text.isNull()
                && Arrays.stream(known).noneMatch(value -> value.name().equals(text.textValue()));
    }
}
