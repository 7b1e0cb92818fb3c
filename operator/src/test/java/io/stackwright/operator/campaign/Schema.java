package io.stackwright.operator.campaign;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** The committed schema of a {@code spec}, property by property. */
final class Schema {

    /**
     * A property that holds a value itself.
     *
     * @param path {@code configFrom[].key}; a free map ends in {@code {}}
     */
    record Leaf(String path, JsonNode schema) {}

    /** A list of objects. */
    record ObjectList(String path, JsonNode schema) {}

    private final List<Leaf> leaves = new ArrayList<>();
    private final List<ObjectList> lists = new ArrayList<>();

    private Schema(JsonNode spec) {
        walk("", spec);
    }

    static Schema ofStacks() {
        return committed("stacks");
    }

    static Schema ofUpdates() {
        return committed("updates");
    }

    private static Schema committed(String plural) {
        try {
            JsonNode crd = Serialization.unmarshal(
                    Files.readString(Toolchain.root().resolve("crds/manifests/" + plural + ".stackwright.io.yaml")),
                    JsonNode.class);
            return new Schema(crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Leaf> leaves() {
        return leaves;
    }

    List<ObjectList> lists() {
        return lists;
    }

    private void walk(String path, JsonNode node) {
        if (node.has("properties")) {
            node.get("properties")
                    .properties()
                    .forEach(property -> walk(
                            path.isEmpty() ? property.getKey() : path + "." + property.getKey(), property.getValue()));
        } else if (node.path("items").has("properties")) {
            lists.add(new ObjectList(path, node));
            walk(path + "[]", node.get("items"));
        } else {
            leaves.add(new Leaf(node.has("additionalProperties") ? path + "{}" : path, node));
        }
    }
}
