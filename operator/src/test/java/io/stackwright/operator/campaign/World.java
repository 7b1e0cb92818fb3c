package io.stackwright.operator.campaign;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * All places where a spec shows.
 *
 * @param outputs of the status, as JSON
 * @param secretOutputs names in the status
 * @param secretName the outputs Secret
 * @param published its data
 * @param tags of the Pulumi stack, without the operator's mark
 * @param env declared variables that the last up had
 * @param inputs of the resource in the state, as JSON
 * @param flags of the last up that say how it runs
 */
record World(
        Map<String, String> outputs,
        Set<String> secretOutputs,
        String secretName,
        Map<String, String> published,
        Map<String, String> tags,
        Map<String, String> env,
        String inputs,
        List<String> flags) {

    private static final ObjectMapper SORTED =
            new ObjectMapper().configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true);

    /** Names that a case may declare; all others are the operator's. */
    private static final String DECLARED = "PLAIN|RENAMED|FROM_[SM]|([SMQ]_)?[ab]";

    static String canonical(JsonNode value) {
        try {
            return SORTED.writeValueAsString(SORTED.treeToValue(value, Object.class));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a Secret has it. */
    static String text(JsonNode value) {
        return value.isTextual() ? value.asText() : canonical(value);
    }

    static Map<String, String> declared(Map<String, String> environment) {
        Map<String, String> declared = new TreeMap<>(environment);
        declared.keySet().removeIf(variable -> !variable.matches(DECLARED));
        return declared;
    }

    static List<String> flags(List<String> arguments) {
        List<String> flags = new ArrayList<>();
        int parallel = arguments.indexOf("--parallel");
        if (parallel >= 0) {
            flags.add("--parallel " + arguments.get(parallel + 1));
        }
        for (String flag : List.of("--refresh", "--continue-on-error")) {
            if (arguments.contains(flag)) {
                flags.add(flag);
            }
        }
        arguments.stream()
                .filter(argument -> argument.matches("--(target|replace|exclude|config|policy-pack).*"))
                .forEach(flags::add);
        return flags;
    }

    static Map<String, String> tags(Path file) {
        Map<String, String> tags = new TreeMap<>();
        read(file)
                .path("tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        tags.remove("stackwright:owner");
        return tags;
    }

    static String inputs(Path state) {
        for (JsonNode resource : read(state).at("/checkpoint/latest/resources")) {
            if (resource.path("type").asText().equals("pulumi:index:Stash")) {
                return canonical(resource.at("/inputs/input"));
            }
        }
        return "";
    }

    private static JsonNode read(Path file) {
        try {
            return new ObjectMapper().readTree(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
