package io.stackwright.operator.inputs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The configuration as Pulumi hands it to a program. All runtimes but YAML get it in one environment variable, as JSON
 * of texts; the kernel does not start a process with one that is too long.
 */
final class ProgramConfig {

    private static final String VARIABLE = "PULUMI_CONFIG=";

    private ProgramConfig() {}

    /**
     * Refuses what a program of that runtime cannot be started with.
     *
     * @param config values by qualified key, with plain text in place of ciphertext
     */
    static void refuseTooLarge(String runtime, Map<String, JsonNode> config) throws InputsException {
        if (runtime.equals("yaml")) {
            return;
        }
        long size = size(config);
        if (size > EnvironmentResolver.MAX_VARIABLE) {
            throw InputsException.invalid("the configuration has " + size + " bytes in the form that a program of the"
                    + " runtime " + Messages.shorten(runtime) + " gets it in, one environment variable of at most "
                    + EnvironmentResolver.MAX_VARIABLE + "; put large values into files of the project, or let the"
                    + " program read them from where they are");
        }
    }

    /** Of the variable with its name and the terminating NUL. */
    static long size(Map<String, JsonNode> config) {
        ObjectNode variable = JsonNodeFactory.instance.objectNode();
        config.forEach((key, value) -> {
            JsonNode plain = plain(value);
            variable.put(key, plain.isContainerNode() ? goJson(plain) : plain.asText());
        });
        return VARIABLE.length() + goJson(variable).getBytes(StandardCharsets.UTF_8).length + 1;
    }

    /** Go escapes what is special in HTML; the result is only measured and nested, never read. */
    private static String goJson(JsonNode value) {
        String json = value.toString();
        StringBuilder out = new StringBuilder(json.length());
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            switch (c) {
                case '<' -> out.append("\\u003c");
                case '>' -> out.append("\\u003e");
                case '&' -> out.append("\\u0026");
                default -> out.append(c);
            }
        }
        return out.toString();
    }

    private static JsonNode plain(JsonNode value) {
        if (ConfigValues.isCiphertext(value)) {
            return value.iterator().next();
        }
        if (value instanceof POJONode pojo && pojo.getPojo() instanceof SettingsYaml.PlainScalar(String text)) {
            return TextNode.valueOf(text);
        }
        if (value.isArray()) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            value.forEach(child -> array.add(plain(child)));
            return array;
        }
        if (value.isObject()) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            value.properties().forEach(child -> object.set(child.getKey(), plain(child.getValue())));
            return object;
        }
        return value;
    }
}
