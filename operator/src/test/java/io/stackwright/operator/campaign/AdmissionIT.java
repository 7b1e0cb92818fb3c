package io.stackwright.operator.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The bounds that the schema itself declares, tried out one by one; a refusal names the property. */
class AdmissionIT {

    /** Within the schema, but refused by a rule; CrdValidationIT has those. */
    private static final Set<String> BY_RULE = Set.of("secretsProvider.passphrase.secretKeyRef.optional true");

    private static KubernetesClient client;
    private static String namespace;

    /** @param accepted empty: refused or not, but if so by name */
    private record Bound(String what, Optional<JsonNode> value, Optional<Boolean> accepted) {

        static Bound ok(String what, JsonNode value) {
            return new Bound(what, Optional.of(value), Optional.of(true));
        }

        static Bound bad(String what, JsonNode value) {
            return new Bound(what, Optional.of(value), Optional.of(false));
        }

        static Bound either(String what, JsonNode value) {
            return new Bound(what, Optional.of(value), Optional.empty());
        }
    }

    @BeforeAll
    static void applyCrds() {
        ControlPlane.shared().applyCrds(Toolchain.root().resolve("crds/manifests"));
        client = ControlPlane.shared().client();
        namespace = ControlPlane.shared().createNamespace("bounds");
    }

    static Stream<Schema.Leaf> leavesOfStacks() {
        return Schema.ofStacks().leaves().stream();
    }

    static Stream<Schema.Leaf> leavesOfUpdates() {
        return Schema.ofUpdates().leaves().stream();
    }

    static Stream<Schema.ObjectList> listsOfStacks() {
        return Schema.ofStacks().lists().stream();
    }

    static Stream<Schema.ObjectList> listsOfUpdates() {
        return Schema.ofUpdates().lists().stream();
    }

    @ParameterizedTest
    @MethodSource("leavesOfStacks")
    void eachPropertyOfAStackKeepsItsBounds(Schema.Leaf leaf) {
        keepsItsBounds("Stack", leaf, Carriers.with(leaf.path()));
    }

    @ParameterizedTest
    @MethodSource("leavesOfUpdates")
    void eachPropertyOfAnUpdateKeepsItsBounds(Schema.Leaf leaf) {
        keepsItsBounds("Update", leaf, Carriers.ofUpdateWith(leaf.path()));
    }

    private static void keepsItsBounds(String kind, Schema.Leaf leaf, JsonNode carrier) {
        assertThat(refusal(kind, carrier)).as("the carrier of %s", leaf.path()).isEmpty();
        List<Bound> bounds = new ArrayList<>(of(leaf.schema()));
        bounds.add(new Bound("delete", Optional.empty(), Optional.empty()));
        bounds.forEach(bound -> tryOut(kind, leaf.path(), carrier, bound));
    }

    @ParameterizedTest
    @MethodSource("listsOfStacks")
    void eachListOfAStackKeepsItsBounds(Schema.ObjectList list) {
        keepsItsBounds("Stack", list, Carriers.with(list.path()));
    }

    @ParameterizedTest
    @MethodSource("listsOfUpdates")
    void eachListOfAnUpdateKeepsItsBounds(Schema.ObjectList list) {
        keepsItsBounds("Update", list, Carriers.ofUpdateWith(list.path()));
    }

    private static void keepsItsBounds(String kind, Schema.ObjectList list, JsonNode carrier) {
        ArrayNode tooMany = JsonNodeFactory.instance.arrayNode();
        String key = list.schema().path("x-kubernetes-list-map-keys").path(0).asText();
        for (int i = 0; i <= list.schema().get("maxItems").asInt(); i++) {
            ObjectNode item = Carriers.value(carrier, list.path()).get(0).deepCopy();
            tooMany.add(key.isEmpty() ? item : item.put(key, "K" + i));
        }
        ArrayNode most = tooMany.deepCopy();
        most.remove(0);
        tryOut(kind, list.path(), carrier, Bound.bad("one too many", tooMany));
        tryOut(kind, list.path(), carrier, Bound.ok("the most", most));
        tryOut(kind, list.path(), carrier, Bound.ok("empty", JsonNodeFactory.instance.arrayNode()));
        tryOut(kind, list.path(), carrier, Bound.bad("no list", TextNode.valueOf("x")));
    }

    private static List<Bound> of(JsonNode schema) {
        if (schema.has("enum")) {
            List<Bound> bounds = new ArrayList<>(List.of(Bound.bad("Nope", TextNode.valueOf("Nope"))));
            schema.get("enum").forEach(value -> bounds.add(Bound.ok(value.asText(), value)));
            return bounds;
        }
        return switch (schema.path("type").asText()) {
            case "boolean" ->
                List.of(
                        Bound.ok("true", BooleanNode.TRUE),
                        Bound.ok("false", BooleanNode.FALSE),
                        Bound.bad("text", TextNode.valueOf("true")),
                        Bound.bad("number", IntNode.valueOf(1)));
            case "integer" -> integer(schema);
            case "string" -> text(schema);
            case "object" -> object(schema);
            case "array" -> list(schema);
            default -> throw new AssertionError("no bounds for a property like " + schema + "; add them here");
        };
    }

    private static List<Bound> integer(JsonNode schema) {
        int least = schema.get("minimum").asInt();
        int most = schema.get("maximum").asInt();
        return List.of(
                Bound.ok("least", IntNode.valueOf(least)),
                Bound.ok("most", IntNode.valueOf(most)),
                Bound.bad("less", IntNode.valueOf(least - 1)),
                Bound.bad("more", IntNode.valueOf(most + 1)),
                Bound.bad("fraction", DoubleNode.valueOf(least + 0.5)),
                Bound.bad("text", TextNode.valueOf("1")));
    }

    private static List<Bound> text(JsonNode schema) {
        List<Bound> bounds = new ArrayList<>();
        bounds.add(Bound.bad("number", IntNode.valueOf(5)));
        bounds.add(Bound.bad("list", JsonNodeFactory.instance.arrayNode()));
        boolean patterned = schema.has("pattern");
        bounds.add(Bound.either("empty", TextNode.valueOf("")));
        for (String odd : List.of("~ ^", "\u0001", "-", "../..")) {
            boolean fits =
                    !patterned || odd.matches("(?s).*(" + schema.get("pattern").asText() + ").*");
            bounds.add(
                    fits
                            ? Bound.either("odd '" + odd + "'", TextNode.valueOf(odd))
                            : Bound.bad("odd '" + odd + "'", TextNode.valueOf(odd)));
        }
        if (schema.has("maxLength")) {
            int most = schema.get("maxLength").asInt();
            bounds.add(Bound.bad("too long", TextNode.valueOf("a".repeat(most + 1))));
            bounds.add(Bound.either("longest", TextNode.valueOf("a".repeat(most))));
        }
        return bounds;
    }

    /** One of texts. */
    private static List<Bound> list(JsonNode schema) {
        List<Bound> bounds = new ArrayList<>();
        ArrayNode empty = JsonNodeFactory.instance.arrayNode();
        bounds.add(Bound.ok("empty", empty));
        bounds.add(Bound.bad("text", TextNode.valueOf("x")));
        text(schema.get("items")).stream()
                .map(bound -> new Bound(
                        "in it: " + bound.what(),
                        bound.value().map(value -> empty.deepCopy().add(value)),
                        bound.accepted()))
                .forEach(bounds::add);
        ArrayNode tooMany = empty.deepCopy();
        for (int i = 0; i <= schema.get("maxItems").asInt(); i++) {
            tooMany.add("urn:pulumi:" + i);
        }
        ArrayNode most = tooMany.deepCopy();
        most.remove(0);
        bounds.add(Bound.ok("the most", most));
        bounds.add(Bound.bad("one too many", tooMany));
        return bounds;
    }

    private static List<Bound> object(JsonNode schema) {
        List<Bound> bounds = new ArrayList<>(List.of(
                Bound.bad("text", TextNode.valueOf("x")), Bound.bad("list", JsonNodeFactory.instance.arrayNode())));
        JsonNode values = schema.path("additionalProperties");
        ObjectNode empty = JsonNodeFactory.instance.objectNode();
        bounds.add(schema.has("minProperties") ? Bound.bad("empty", empty) : Bound.ok("empty", empty));
        if (values.path("type").asText().equals("string")) {
            bounds.add(Bound.bad("a number in it", empty.deepCopy().put("k", 5)));
            if (values.has("maxLength")) {
                String tooLong = "a".repeat(values.get("maxLength").asInt() + 1);
                bounds.add(Bound.bad("too long a value", empty.deepCopy().put("k", tooLong)));
            }
        }
        if (schema.has("maxProperties")) {
            ObjectNode most = empty.deepCopy();
            for (int i = 0; i < schema.get("maxProperties").asInt(); i++) {
                most.put("k" + i, "v" + i);
            }
            bounds.add(Bound.ok("the most", most));
            bounds.add(Bound.bad("one too many", most.deepCopy().put("more", "v")));
        }
        return bounds;
    }

    private static void tryOut(String kind, String path, JsonNode carrier, Bound bound) {
        String what = path + " " + bound.what();
        Optional<KubernetesClientException> refusal = refusal(kind, Carriers.replaced(carrier, path, bound.value()));
        if (bound.accepted().isPresent() && !BY_RULE.contains(what)) {
            assertThat(refusal.isEmpty())
                    .as("%s is accepted: %s", what, refusal.map(Throwable::getMessage))
                    .isEqualTo(bound.accepted().get());
        }
        String field = "spec." + path.replace("{}", "").replace("[]", "[0]");
        refusal.ifPresent(e -> {
            assertThat(e.getCode()).as(what).isIn(400, 422);
            assertThat(fields(e))
                    .as("%s: %s", what, e.getMessage())
                    .anyMatch(named -> named.startsWith(field) || isAround(named, field));
        });
    }

    /** A rule about several properties stands at the object that they are part of. */
    private static boolean isAround(String named, String field) {
        return named.startsWith("spec.") && (field.startsWith(named + ".") || field.startsWith(named + "["))
                || named.replaceAll("\\[\\d+]", "[0]").startsWith(field);
    }

    private static List<String> fields(KubernetesClientException refusal) {
        return refusal.getStatus().getDetails().getCauses().stream()
                .map(cause -> String.valueOf(cause.getField()))
                .toList();
    }

    private static Optional<KubernetesClientException> refusal(String kind, JsonNode spec) {
        GenericKubernetesResource object = new GenericKubernetesResource();
        object.setApiVersion("stackwright.io/v1alpha1");
        object.setKind(kind);
        object.setMetadata(new ObjectMetaBuilder()
                .withName("bound")
                .withNamespace(namespace)
                .build());
        object.setAdditionalProperty("spec", spec);
        try {
            client.resource(object).dryRun().create();
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return Optional.of(e);
        }
    }
}
