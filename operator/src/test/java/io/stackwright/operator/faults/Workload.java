package io.stackwright.operator.faults;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Something that people do with a Stack, and what must have become of it in the end, whatever happens on the way.
 *
 * @param name for people
 * @param given brings the Stack to where it begins; nothing happens on the way there
 * @param when is disturbed; waits only for what comes about in any case
 * @param end what must be so in the end; empty when the Stack and all that it made must be gone
 */
record Workload(String name, Consumer<Play> given, Consumer<Play> when, Optional<End> end) {

    /** The end of a Stack that lives: its output {@code value}, and its items. */
    record End(String value, Set<String> items) {}

    static final String TOKEN = "canary-4f1b7c0e9d";

    private static final Consumer<Play> NOTHING = play -> {};

    static final java.util.List<Workload> ALL = java.util.List.of(
            new Workload("create", NOTHING, play -> play.apply(inline("v1", "0.2", "no")), ready("v1", "a", "b")),
            new Workload(
                    "change-config",
                    created(inline("v1", "0.2", "no")),
                    play -> play.patch("{\"spec\": {\"config\": {\"value\": \"v2\"}}}"),
                    ready("v2", "a", "b")),
            new Workload(
                    "change-source",
                    play -> {
                        play.people().configMap(play.stack(), Map.of("Pulumi.yaml", program("a", "b")));
                        created(spec("configMap: {name: " + play.stack() + "}", "v1", "0.2", "no"))
                                .accept(play);
                    },
                    play -> play.people().configMap(play.stack(), Map.of("Pulumi.yaml", program("a", "c"))),
                    ready("v1", "a", "c")),
            new Workload("fail-then-fix", NOTHING, Workload::failThenFix, ready("v1", "a", "b")),
            new Workload(
                    "replace",
                    created(inline("v1", "0.2", "no")),
                    play -> play.patch("{\"spec\": {\"config\": {\"kind\": \"other\"}}}"),
                    ready("v1", "a", "b")),
            new Workload("delete", created(inline("v1", "0.2", "no")), Play::delete, Optional.empty()),
            new Workload(
                    "delete-while-updating",
                    created(inline("v1", "1.5", "no")),
                    Workload::deleteWhileUpdating,
                    Optional.empty()));

    static Workload named(String name) {
        return ALL.stream()
                .filter(workload -> workload.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Until the end has come, as far as the API tells. */
    void awaitEnd(Play play) {
        if (end.isEmpty()) {
            play.await("the end of the Stack", play::isGone);
            return;
        }
        play.await("the end of " + name, () -> play.isReady() && hasEnd(play, end.get()));
    }

    private static boolean hasEnd(Play play, End end) {
        var outputs = play.get().getStatus().outputs();
        return outputs != null
                && outputs.containsKey("value")
                && outputs.get("value").asText().equals(end.value())
                && outputs.get("items").asInt() == end.items().size()
                && play.ledger().existing(play.stack()).values().containsAll(end.items());
    }

    private static Optional<End> ready(String value, String... items) {
        return Optional.of(new End(value, Set.of(items)));
    }

    private static Consumer<Play> created(String spec) {
        return play -> {
            play.apply(spec);
            play.await("the first update", () -> play.isReady() && play.isAtRest());
        };
    }

    private static void failThenFix(Play play) {
        play.apply(inline("v1", "0.2", "refuse"));
        play.await(
                "a failure",
                () -> play.get().getStatus() != null && play.get().getStatus().failures() != null);
        play.patch("{\"spec\": {\"config\": {\"fail\": \"no\"}}}");
    }

    private static void deleteWhileUpdating(Play play) {
        play.patch("{\"spec\": {\"config\": {\"value\": \"v2\"}}}");
        play.await(
                "an update",
                () -> play.ledger().of(play.stack()).stream()
                        .anyMatch(line -> line.operation().equals("update")));
        play.delete();
    }

    static String inline(String value, String seconds, String fail) {
        return spec("inline:\n" + program("a", "b").indent(2), value, seconds, fail);
    }

    private static String spec(String source, String value, String seconds, String fail) {
        return "project:\n" + source.indent(2) + """
            config: {value: %s, seconds: "%s", fail: "%s", kind: plain}
            configFrom:
              - {key: token, secretKeyRef: {name: token, key: token}}
            updates: {parallel: 4, retry: {initial: 1s, max: 4s}}
            """.formatted(value, seconds, fail);
    }

    /** Two items, the second of which may be refused, one after the other. */
    private static String program(String first, String second) {
        return """
            name: kills
            runtime: yaml
            config:
              value: {type: string}
              seconds: {type: string}
              fail: {type: string}
              kind: {type: string}
              token: {type: string, secret: true}
            resources:
              %1$s:
                type: ledger:Item
                properties: {name: %1$s, value: "${value}", kind: "${kind}", token: "${token}", seconds: "${seconds}"}
              %2$s:
                type: ledger:Item
                properties: {name: %2$s, value: "${value}", kind: "${kind}", seconds: "${seconds}", fail: "${fail}"}
                options: {dependsOn: ["${%1$s}"]}
            outputs:
              value: ${value}
              items: 2
              sealed: ${token}
            """.formatted(first, second);
    }
}
