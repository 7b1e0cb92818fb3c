package io.stackwright.operator.faults;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a state says of its resources, to be compared with the state of another run of the same program: without what is
 * another one each time, which are ids, times, ciphertexts, the name of the stack, and the order of what is independent.
 */
final class StateResources {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    /** What marks a value of a state as special, and the mark of a secret. */
    private static final String SIGNATURE = "4dabf18193072939515e22adb298388d";

    private static final String SECRET = "1b47061264138c4ac30d75fd1eb44270";

    /** One that waits for its deletion is another one than its successor. */
    private static final List<String> FIELDS = List.of("urn", "type", "delete", "inputs", "outputs");

    private StateResources() {}

    /**
     * One line for each of them.
     *
     * @param state what is below {@code latest} in a checkpoint
     * @param stack name of the Pulumi stack; whatever holds it is about it
     */
    static List<String> of(JsonNode state, String stack) {
        List<String> resources = new ArrayList<>();
        state.path("resources").forEach(resource -> {
            Map<String, Object> said = new TreeMap<>();
            FIELDS.stream().filter(resource::has).forEach(field -> said.put(field, plain(resource.get(field))));
            resources.add(text(said).replace(stack, "*"));
        });
        resources.sort(String::compareTo);
        return resources;
    }

    /** That it is a secret stays; the oracle sees what it is by the outputs. */
    private static Object plain(JsonNode value) {
        if (value.isObject()) {
            if (value.path(SIGNATURE).asText().equals(SECRET)) {
                return "(a secret)";
            }
            Map<String, Object> fields = new TreeMap<>();
            value.properties().forEach(field -> fields.put(field.getKey(), plain(field.getValue())));
            return fields;
        }
        if (value.isArray()) {
            List<Object> elements = new ArrayList<>();
            value.forEach(element -> elements.add(plain(element)));
            return elements;
        }
        return value;
    }

    private static String text(Map<String, Object> said) {
        try {
            return JSON.writeValueAsString(said);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
