package io.stackwright.operator.inputs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.JsonScalarResolver;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;

/**
 * A {@code Pulumi.<stack>.yaml} that came with the source.
 *
 * <p>Scalars without quotes are kept as they are written: only Pulumi's own YAML reader knows whether {@code yes} or
 * {@code 010} is text to it.
 */
final class CommittedSettings {

    private static final int MAX_CHARACTERS = 4 << 20;
    private static final int MAX_NODES = 100_000;
    private static final int MAX_DEPTH = 100;

    /** Everything that a YAML reader could take for anything but text. */
    private static final Pattern MAYBE_TYPED = Pattern.compile(
            "|~|(?i:y|n|yes|no|on|off|true|false|null|[-+]?\\.(?:inf|nan))|[-+.]{0,2}[0-9](?:[-+._0-9A-Za-z"
                    + " ]|:(?=[0-9]))*");

    private static final ScalarResolver UNTAGGED = new JsonScalarResolver();

    private final Map<String, JsonNode> values = new LinkedHashMap<>();
    private int nodes;

    private CommittedSettings() {}

    /** Refuses a file that {@link #read} would refuse for its size, before anybody reads it. */
    static void checkSize(long bytes) throws InputsException {
        if (bytes > MAX_CHARACTERS) {
            throw tooLarge();
        }
    }

    /** Reads the file; refuses what is not a settings file. */
    static CommittedSettings read(String text) throws InputsException {
        CommittedSettings settings = new CommittedSettings();
        try {
            LoadSettings limits = LoadSettings.builder()
                    .setLabel("stack settings")
                    .setCodePointLimit(MAX_CHARACTERS)
                    .build();
            refuseDepth(new Parse(limits).parseString(text));
            Optional<Node> root = new Compose(limits).composeString(text);
            if (root.isPresent()) {
                settings.readTop(root.get());
            }
        } catch (YamlEngineException e) {
            // The library's own message quotes the file, which can hold anything.
            throw InputsException.conflict("the committed stack settings file is not valid YAML; repair or remove it");
        }
        return settings;
    }

    /** {@code config}, keys as the file has them. */
    Map<String, JsonNode> config() throws InputsException {
        JsonNode config = values.get("config");
        Map<String, JsonNode> result = new LinkedHashMap<>();
        if (config == null || (config.isPojo() && scalar("config").isEmpty())) {
            return result;
        }
        if (!config.isObject()) {
            throw InputsException.conflict("`config` of the committed stack settings file is not a map");
        }
        config.properties().forEach(entry -> result.put(entry.getKey(), entry.getValue()));
        return result;
    }

    /** A scalar at the top, if it is there and not empty. */
    Optional<String> scalar(String key) {
        JsonNode value = values.get(key);
        if (value instanceof POJONode pojo) {
            return Optional.of(((SettingsYaml.PlainScalar) pojo.getPojo()).text())
                    .filter(text -> !text.isEmpty() && !text.equals("null") && !text.equals("~"));
        }
        return value instanceof TextNode text && !text.textValue().isEmpty()
                ? Optional.of(text.textValue())
                : Optional.empty();
    }

    /** Any other key at the top. */
    Optional<JsonNode> get(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /** Composing is recursive: without a look beforehand, brackets alone overflow the stack. */
    private static void refuseDepth(Iterable<Event> events) throws InputsException {
        int depth = 0;
        for (Event event : events) {
            switch (event.getEventId()) {
                case MappingStart, SequenceStart -> depth++;
                case MappingEnd, SequenceEnd -> depth--;
                default -> {}
            }
            if (depth > MAX_DEPTH) {
                throw tooLarge();
            }
        }
    }

    private static InputsException tooLarge() {
        return InputsException.conflict("the committed stack settings file is too large or too deeply nested");
    }

    private void readTop(Node root) throws InputsException {
        JsonNode top = convert(root, 0);
        if (top.isPojo()) {
            return;
        }
        if (!top.isObject()) {
            throw InputsException.conflict("the committed stack settings file is not a map; repair or remove it");
        }
        top.properties().forEach(entry -> values.put(entry.getKey(), entry.getValue()));
    }

    private JsonNode convert(Node node, int depth) throws InputsException {
        // Aliases repeat whole branches, and may contain themselves.
        if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
            throw tooLarge();
        }
        return switch (node) {
            case MappingNode map -> convertMap(map, depth);
            case SequenceNode list -> {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                for (Node element : list.getValue()) {
                    array.add(convert(element, depth + 1));
                }
                yield array;
            }
            case ScalarNode scalar -> convertScalar(scalar);
            default -> throw InputsException.conflict("the committed stack settings file has an unknown construct");
        };
    }

    private ObjectNode convertMap(MappingNode map, int depth) throws InputsException {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (NodeTuple tuple : map.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw InputsException.conflict("a key in the committed stack settings file is not a scalar");
            }
            if (key.getValue().equals("<<") && key.getScalarStyle() == ScalarStyle.PLAIN) {
                throw InputsException.conflict(
                        "the committed stack settings file uses a YAML merge key (`<<`); write the values out");
            }
            if (object.has(key.getValue())) {
                throw InputsException.conflict("the committed stack settings file sets `"
                        + Messages.shorten(key.getValue()) + "` twice; remove one");
            }
            object.set(key.getValue(), convert(tuple.getValueNode(), depth + 1));
        }
        return object;
    }

    private static JsonNode convertScalar(ScalarNode scalar) throws InputsException {
        String text = scalar.getValue();
        Tag tag = scalar.getTag();
        boolean standard = tag.getValue().startsWith(Tag.PREFIX) && !tag.equals(Tag.BINARY);
        if (!standard) {
            throw InputsException.conflict("the committed stack settings file uses the YAML tag "
                    + Messages.shorten(tag.getValue()) + "; write the value without it");
        }
        boolean plain = scalar.getScalarStyle() == ScalarStyle.PLAIN;
        boolean taggedText =
                tag.equals(Tag.STR) && !UNTAGGED.resolve(text, true).equals(Tag.STR);
        return plain && !taggedText && MAYBE_TYPED.matcher(text).matches()
                ? JsonNodeFactory.instance.pojoNode(new SettingsYaml.PlainScalar(text))
                : TextNode.valueOf(text);
    }
}
