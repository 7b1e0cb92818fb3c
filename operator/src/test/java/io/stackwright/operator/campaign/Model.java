package io.stackwright.operator.campaign;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a spec means, worked out by reading it alone. */
final class Model {

    private static final String WHOLE = "\\$\\{(\\w+)}";

    private final JsonNode spec;
    private final String name;
    private final JsonNode program;
    private final Map<String, JsonNode> config = new TreeMap<>();
    private final Set<String> secretKeys = new TreeSet<>();

    Model(JsonNode spec, String name, Echo echo) {
        this.spec = spec;
        this.name = name;
        this.program = echo.programOf(spec.get("project"));
        program.path("config").properties().forEach(declared -> {
            if (declared.getValue().has("default")) {
                config.put(declared.getKey(), declared.getValue().get("default"));
            }
        });
        spec.path("config")
                .properties()
                .forEach(entry -> config.put(
                        entry.getKey().replaceFirst("^campaign:", ""),
                        entry.getValue().deepCopy()));
        spec.path("configFrom")
                .forEach(from -> reference(from).ifPresent(value -> {
                    String[] path = from.get("key").asText().split("\\.");
                    if (path.length == 1) {
                        config.put(path[0], TextNode.valueOf(value));
                    } else {
                        ((ObjectNode) config.get(path[0])).put(path[1], value);
                    }
                    if (from.has("secretKeyRef")) {
                        secretKeys.add(path[0]);
                    }
                }));
    }

    /** @param flags of the last run */
    World world(List<String> flags) {
        Map<String, String> plain = new TreeMap<>();
        Map<String, JsonNode> all = outputs();
        Set<String> secret = new TreeSet<>();
        all.forEach((output, value) -> {
            String source = program.path("outputs").get(output).asText();
            if (secretKeys.contains(source.replaceFirst(WHOLE, "$1"))) {
                secret.add(output);
            } else {
                plain.put(output, World.canonical(value));
            }
        });
        return new World(plain, secret, secretName(), published(all), tags(), env(), inputs(), flags);
    }

    private Map<String, JsonNode> outputs() {
        Map<String, JsonNode> outputs = new TreeMap<>();
        program.path("outputs").properties().forEach(o -> outputs.put(o.getKey(), value(o.getValue())));
        return outputs;
    }

    private JsonNode value(JsonNode written) {
        return written.isTextual() && written.asText().matches(WHOLE)
                ? config.get(written.asText().replaceFirst(WHOLE, "$1"))
                : written;
    }

    private String inputs() {
        ObjectNode inputs = JsonNodeFactory.instance.objectNode();
        program.at("/resources/echo/properties/input")
                .properties()
                .forEach(input -> inputs.set(input.getKey(), value(input.getValue())));
        return World.canonical(inputs);
    }

    String secretName() {
        return spec.at("/outputs/secret/name").asText(name + "-outputs");
    }

    private Map<String, String> published(Map<String, JsonNode> outputs) {
        Map<String, String> data = new TreeMap<>();
        JsonNode keys = spec.at("/outputs/secret/keys");
        outputs.forEach((output, value) -> {
            if (keys.isMissingNode() || keys.has(output)) {
                data.put(keys.path(output).asText(output), World.text(value));
            }
        });
        return data;
    }

    private Map<String, String> tags() {
        Map<String, String> tags = new TreeMap<>();
        spec.path("tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        return tags;
    }

    private Map<String, String> env() {
        Map<String, String> env = new HashMap<>();
        spec.path("envFrom").forEach(from -> {
            boolean secret = from.has("secretRef");
            String object = from.path(secret ? "secretRef" : "configMapRef")
                    .path("name")
                    .asText();
            Map<String, String> data = (secret ? Echo.SECRETS : Echo.CONFIG_MAPS).getOrDefault(object, Map.of());
            data.forEach((key, value) -> env.put(from.path("prefix").asText("") + key, value));
        });
        spec.path("env").forEach(variable -> {
            Optional<String> value = variable.has("valueFrom")
                    ? reference(variable.get("valueFrom"))
                    : Optional.of(variable.path("value").asText(""));
            value.ifPresent(text -> env.put(variable.get("name").asText(), text));
        });
        return new TreeMap<>(env);
    }

    private static Optional<String> reference(JsonNode from) {
        boolean secret = from.has("secretKeyRef");
        JsonNode ref = from.get(secret ? "secretKeyRef" : "configMapKeyRef");
        return Optional.ofNullable((secret ? Echo.SECRETS : Echo.CONFIG_MAPS)
                .getOrDefault(ref.get("name").asText(), Map.of())
                .get(ref.get("key").asText()));
    }

    List<String> flags() {
        List<String> flags = new ArrayList<>();
        JsonNode updates = spec.path("updates");
        if (updates.has("parallel")) {
            flags.add("--parallel " + updates.get("parallel").asInt());
        }
        if (updates.path("refresh").asBoolean()) {
            flags.add("--refresh");
        }
        if (updates.path("continueOnError").asBoolean()) {
            flags.add("--continue-on-error");
        }
        return flags;
    }

    /** Two specs for which this is the same need no run on the way from one to the other. */
    String needed() {
        JsonNode phrase = spec.at("/secretsProvider/passphrase");
        return String.join(
                "\n",
                World.canonical(program),
                sourceKind(),
                spec.at("/project/install").asText("Auto"),
                World.canonical(spec.path("config")),
                config.toString(),
                secretKeys.toString(),
                env().toString(),
                tags().toString(),
                spec.at("/outputs/secret/name").asText(),
                spec.at("/outputs/secret/keys").toString(),
                reference(phrase).orElse(""));
    }

    String sourceKind() {
        return spec.get("project").has("inline")
                ? "inline"
                : spec.get("project").has("git") ? "git" : "configMap";
    }
}
