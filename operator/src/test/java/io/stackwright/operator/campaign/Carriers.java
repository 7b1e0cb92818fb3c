package io.stackwright.operator.campaign;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * Valid specs of Stacks and Updates that between them have every property, and how to put another value in the place of
 * one.
 */
final class Carriers {

    private static final String FULL = """
        stackName: prod
        backend: {url: "file:///state"}
        secretsProvider: {passphrase: {secretKeyRef: {name: p, key: x, optional: false}}}
        config: {text: hello}
        configFrom: [{key: word, %1$s: {name: s, key: a, optional: true}}]
        env: [{name: A, value: x}]
        envFrom: [{prefix: S_, %2$s: {name: s, optional: true}}]
        tags: {team: shop}
        outputs: {secret: {name: out, keys: {text: TEXT}, retain: true}}
        updates:
          refresh: true
          parallel: 3
          continueOnError: true
          timeout: 1h
          grace: 10m
          onPendingCreate: Stall
          onSpecChangeWhileRunning: Wait
          retry: {initial: 10s, factor: 2, max: 10m}
        deletionPolicy: Destroy
        suspend: false
        historyLimit: 10
        execution:
          serviceAccountName: deployer
          image: "pulumi/pulumi:3.250.0"
          podTemplate: {spec: {nodeSelector: {a: b}}}
          cache: {claimName: pulumi-cache}
        """;

    private static final List<JsonNode> SPECS = List.of(
            spec("secretKeyRef", "secretRef", "project: {inline: {name: p, runtime: yaml}, install: Auto}"),
            spec("configMapKeyRef", "configMapRef", "project: {configMap: {name: m}}"),
            spec("secretKeyRef", "secretRef", git("branch: main, path: web, interval: 1m, secretRef: {name: g}")),
            spec("secretKeyRef", "secretRef", git("tag: v1")),
            spec("secretKeyRef", "secretRef", git("commit: '" + "3".repeat(40) + "'")),
            valueFrom("secretKeyRef"),
            valueFrom("configMapKeyRef"));

    private static final List<JsonNode> SPECS_OF_UPDATES =
            List.of(Echo.read("{stack: shop, operation: Refresh}"), Echo.read("""
                stack: shop
                operation: Refresh
                cause: Requested
                revision: main@sha1:3f1c2d4e
                fingerprint: hmac-sha256:9f2c4e5a6b7c8d9e
                clearPendingCreates: true
                importPendingCreates: [{urn: "urn:pulumi:prod::shop::random:index/randomPet:RandomPet::a", id: a}]
                """), Echo.read("""
                    stack: shop
                    operation: Up
                    targets: ["urn:pulumi:prod::shop::random:index/randomPet:RandomPet::a"]
                    """));

    private Carriers() {}

    private static JsonNode spec(String keyRef, String ref, String project) {
        return Echo.read(FULL.formatted(keyRef, ref) + project);
    }

    private static JsonNode valueFrom(String kind) {
        return Merge.patched(
                inline(), Echo.read("env: [{name: A, valueFrom: {" + kind + ": {name: s, key: a, optional: true}}}]"));
    }

    private static JsonNode inline() {
        return spec("secretKeyRef", "secretRef", "project: {inline: {name: p, runtime: yaml}}");
    }

    private static String git(String fields) {
        return "project: {git: {url: 'https://example.com/a.git', " + fields + "}}";
    }

    /** A valid spec of a Stack with a value at the path. */
    static JsonNode with(String path) {
        return with(path, SPECS);
    }

    /** A valid spec of an Update with a value at the path. */
    static JsonNode ofUpdateWith(String path) {
        return with(path, SPECS_OF_UPDATES);
    }

    private static JsonNode with(String path, List<JsonNode> specs) {
        return specs.stream()
                .filter(spec -> !spec.at(pointer(path)).isMissingNode())
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        "no valid spec has " + path + "; add it to Carriers, so that its bounds are tried"));
    }

    static JsonNode value(JsonNode spec, String path) {
        return spec.at(pointer(path));
    }

    /** A copy with another value there; none removes the property. */
    static ObjectNode replaced(JsonNode spec, String path, Optional<JsonNode> value) {
        ObjectNode copy = spec.deepCopy();
        String pointer = pointer(path);
        int last = pointer.lastIndexOf('/');
        JsonNode parent = copy.at(pointer.substring(0, last));
        String key = pointer.substring(last + 1);
        if (parent instanceof ArrayNode array) {
            array.set(Integer.parseInt(key), value.orElseThrow());
        } else if (value.isPresent()) {
            ((ObjectNode) parent).set(key, value.get());
        } else {
            ((ObjectNode) parent).remove(key);
        }
        return copy;
    }

    private static String pointer(String path) {
        return "/" + path.replace("{}", "").replace("[]", "/0").replace('.', '/');
    }
}
