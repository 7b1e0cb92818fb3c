package io.stackwright.operator.execution.runner;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.inputs.Redactor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tells which outputs are secret: those that Pulumi has marked, and those that have a secret of the run in them.
 *
 * <p>Pulumi marks what it has been given as secret. A variable of the environment it has not been given, and of what a
 * program takes out of its mark it knows nothing any more.
 */
final class OutputMarks {

    /** Characters of a text that no Secret holds, and no status shows: looking into it would take 16 times its memory. */
    private static final int TOO_LONG = 1 << 20;

    private OutputMarks() {}

    /** The same values, whole, in the same order. */
    static Map<String, OutputValue> of(Map<String, OutputValue> outputs, Redactor redactor) {
        Map<String, OutputValue> marked = new LinkedHashMap<>();
        outputs.forEach((name, output) -> marked.put(
                name, new OutputValue(output.value(), output.secret() || isSecret(output.value(), redactor))));
        return marked;
    }

    /** True and false tell too little, as do the secrets that the redactor finds too short. */
    private static boolean isSecret(JsonNode value, Redactor redactor) {
        if (value.isTextual() || value.isNumber()) {
            return isSecret(value.asText(), redactor);
        }
        if (value.properties().stream().anyMatch(member -> isSecret(member.getKey(), redactor))) {
            return true;
        }
        for (JsonNode part : value) {
            if (isSecret(part, redactor)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSecret(String text, Redactor redactor) {
        return text.length() > TOO_LONG || redactor.finds(text);
    }
}
