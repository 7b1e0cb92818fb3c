package io.stackwright.operator.outputs;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.operator.engine.OutputValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of the outputs that a Stack's status shows.
 *
 * @param outputs values that are not secret, whole ones only, in the program's order, as long as they fit
 * @param secretOutputs names of secret outputs
 * @param omittedOutputs names of outputs that did not fit
 */
public record StatusOutputs(Map<String, JsonNode> outputs, List<String> secretOutputs, List<String> omittedOutputs) {

    /** For all values together, as compact JSON. */
    static final int MAX_BYTES = 32 << 10;

    /** For each list of names; the rest is counted in a last element. */
    static final int MAX_NAME_BYTES = 4 << 10;

    /** Chooses what is shown. A value that is too large does not hide those after it. */
    public static StatusOutputs of(Map<String, OutputValue> outputs) {
        Map<String, JsonNode> shown = new LinkedHashMap<>();
        List<String> secret = new ArrayList<>();
        List<String> omitted = new ArrayList<>();
        long left = MAX_BYTES;
        for (Map.Entry<String, OutputValue> output : outputs.entrySet()) {
            if (output.getValue().secret()) {
                secret.add(output.getKey());
                continue;
            }
            long size = bytes(output.getKey()) + bytes(output.getValue().value().toString()) + 4;
            if (size <= left) {
                left -= size;
                shown.put(output.getKey(), output.getValue().value());
            } else {
                omitted.add(output.getKey());
            }
        }
        return new StatusOutputs(shown, bounded(secret), bounded(omitted));
    }

    private static List<String> bounded(List<String> names) {
        long left = MAX_NAME_BYTES;
        for (int i = 0; i < names.size(); i++) {
            left -= bytes(names.get(i)) + 4;
            if (left < 0) {
                List<String> cut = new ArrayList<>(names.subList(0, i));
                cut.add("… and " + (names.size() - i) + " more");
                return cut;
            }
        }
        return names;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
