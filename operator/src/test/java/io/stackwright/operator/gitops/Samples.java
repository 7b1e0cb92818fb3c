package io.stackwright.operator.gitops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Objects as they were in real runs, without what differs from run to run. */
final class Samples {

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory()
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .disable(YAMLGenerator.Feature.SPLIT_LINES))
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    /** Fields whose value is part of a sample's shape, wherever they are. */
    private static final Set<String> TELLING = Set.of(
            "apiVersion",
            "kind",
            "type",
            "status",
            "reason",
            "phase",
            "operation",
            "cause",
            "suspend",
            "result",
            "name");

    private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

    private final Map<Pattern, String> volatileTexts = new LinkedHashMap<>();

    /** @param texts what else differs from run to run, each with its replacement */
    Samples(Map<String, String> texts) {
        texts.forEach((text, replacement) -> volatileTexts.put(Pattern.compile(Pattern.quote(text)), replacement));
        volatileTexts.put(
                Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z"), "2026-01-01T00:00:00Z");
        volatileTexts.put(Pattern.compile("stackwright-0-[0-9a-f]{8}"), "stackwright-0-00000000");
        volatileTexts.put(Pattern.compile("pid:\\[\\d+\\]"), "pid:[1]");
        volatileTexts.put(Pattern.compile(UUID), "00000000-0000-0000-0000-000000000000");
        volatileTexts.put(Pattern.compile("\\b[0-9a-f]{64}\\b"), "0".repeat(64));
        volatileTexts.put(Pattern.compile("\\b[0-9a-f]{40}\\b"), "0".repeat(40));
        volatileTexts.put(Pattern.compile("localhost:\\d+|127\\.0\\.0\\.1:\\d+"), "git.example.com");
    }

    /** The object's YAML, members in the order of their names, without what differs from run to run. */
    String scrubbed(JsonNode object) {
        ObjectNode copy = object.deepCopy();
        ObjectNode metadata = (ObjectNode) copy.get("metadata");
        metadata.remove(List.of("managedFields", "resourceVersion"));
        return yaml(replaced(copy));
    }

    private JsonNode replaced(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(member -> member.setValue(replaced(member.getValue())));
            for (String number : List.of("pid", "sid", "startTicks")) {
                if (object.path(number).isNumber()) {
                    object.put(number, 1);
                }
            }
            if (object.has("keyId")) {
                object.put("keyId", "00000000");
            }
            return object;
        }
        if (node.isArray()) {
            var list = YAML.createArrayNode();
            node.forEach(item -> list.add(replaced(item)));
            return list;
        }
        if (!node.isTextual()) {
            return node;
        }
        String text = node.textValue();
        for (var entry : volatileTexts.entrySet()) {
            text = entry.getKey().matcher(text).replaceAll(Matcher.quoteReplacement(entry.getValue()));
        }
        return TextNode.valueOf(text);
    }

    /** As YAML, members in the order of their names. */
    static String yaml(JsonNode node) {
        try {
            return YAML.writeValueAsString(YAML.treeToValue(node, Object.class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode read(Path file) {
        try {
            return YAML.readTree(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode parse(String yaml) {
        try {
            return YAML.readTree(yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What tools decide by: which members there are, of which type, and the words of an enumeration. Messages, counts and
     * times are not part of it.
     */
    static Map<String, Set<String>> shape(JsonNode object) {
        Map<String, Set<String>> shape = new TreeMap<>();
        collect("", "", object, shape);
        return shape;
    }

    private static void collect(String path, String name, JsonNode node, Map<String, Set<String>> shape) {
        if (node.isObject()) {
            node.properties()
                    .forEach(
                            member -> collect(path + "." + member.getKey(), member.getKey(), member.getValue(), shape));
        } else if (node.isArray()) {
            node.forEach(item -> collect(path + "[" + item.path("type").asText("") + "]", name, item, shape));
        } else {
            String value = TELLING.contains(name)
                    ? node.asText()
                    : node.getNodeType().name().toLowerCase(Locale.ROOT);
            shape.computeIfAbsent(path, any -> new TreeSet<>()).add(value);
        }
    }
}
