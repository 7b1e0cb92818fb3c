package io.stackwright.operator.faults;

import io.stackwright.operator.Scenario;
import io.stackwright.operator.Spellings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/**
 * Something that people do with a Stack, and what must have become of it in the end, whatever happens on the way.
 *
 * @param name for people
 * @param given brings the Stack to where it begins; nothing happens on the way there
 * @param when is disturbed; waits only for what comes about in any case
 * @param end what must be so in the end; empty when the Stack and all that it made must be gone
 */
record Workload(String name, Consumer<Play> given, Consumer<Play> when, Optional<End> end) {

    /** The first item is being created, and the provider waits. */
    private static final String FIRST_CREATE = "ledger create a start #1";

    private static final String BY_POLICY = "recover-by-policy";

    /** The end of a Stack that lives: its output {@code value}, and its items. */
    record End(String value, Set<String> items) {}

    /** URL encoding makes something else of it, and base64 has it in three spellings. */
    static final String TOKEN = "canary/4f1b+7c0=e9d";

    static final Spellings SECRET = Spellings.of(TOKEN);

    private static final Consumer<Play> NOTHING = play -> {};

    static final List<Workload> ALL = List.of(
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
                    Optional.empty()),
            new Workload("delete-while-creating", NOTHING, Workload::deleteWhileCreating, Optional.empty()),
            new Workload("recover", cutShort(), play -> play.remedy(true), ready("v1", "a", "b")),
            new Workload("recover-by-clearing", cutShort(), play -> play.remedy(false), ready("v1", "a", "b")),
            new Workload("recover-interrupted", interrupted(), Workload::goOn, ready("v1", "a", "b")),
            new Workload(BY_POLICY, cutShort(), Workload::forget, ready("v1", "a", "b")));

    static Workload named(String name) {
        return ALL.stream()
                .filter(workload -> workload.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Why nobody is killed at that point; empty when somebody is. */
    Optional<String> leavesOut(KillPoint point) {
        return name.equals(BY_POLICY) && point.cutsAStep()
                ? Optional.of(
                        "creates that are cut short are forgotten, and what they made is nobody's, as the policy says")
                : Optional.empty();
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

    private static void deleteWhileCreating(Play play) {
        play.apply(inline("v1", "1.5", "no"));
        play.await("a create", () -> !play.ledger().of(play.stack()).isEmpty());
        play.delete();
    }

    /** The Stack is stalled: its first create was cut short, and nobody has done anything about it. */
    private static Consumer<Play> cutShort() {
        return play -> {
            play.world().moments().begin(play.stack());
            Kill kill = new Kill(() -> play.world().killCli(play.stack()));
            play.world().moments().arm(FIRST_CREATE, kill);
            play.apply(inline("v1", "0.2", "no"));
            play.awaitStall();
            play.world().moments().end();
            killed(kill);
        };
    }

    /** Everything in the pod was killed in the middle of the first create, and there is no operator. */
    private static Consumer<Play> interrupted() {
        return play -> {
            Kill kill = new Kill(play.world()::endPod);
            play.world().moments().begin(play.stack());
            play.world().moments().arm(FIRST_CREATE, kill);
            play.apply(inline("v1", "0.2", "no"));
            Awaitility.await().atMost(Scenario.PATIENCE).until(kill::isOver);
            play.world().moments().end();
            killed(kill);
        };
    }

    private static void killed(Kill kill) {
        if (kill.died() == 0) {
            throw new AssertionError("nobody was killed");
        }
    }

    /** The next operator: what it does about the run that was cut short is disturbed too. */
    private static void goOn(Play play) {
        play.remedy(true);
        play.world().startIfEnded();
    }

    /** Somebody removes by hand what there is, and has the rest forgotten. */
    private static void forget(Play play) {
        play.unrecorded().forEach((id, name) -> play.ledger().remove(play.stack(), name, id));
        play.patch("{\"spec\": {\"updates\": {\"onPendingCreate\": \"Clear\"}}}");
    }

    static String inline(String value, String seconds, String fail) {
        return spec("inline:\n" + program("a", "b").indent(2), value, seconds, fail);
    }

    private static String spec(String source, String value, String seconds, String fail) {
        return "project:\n" + source.indent(2)
                + """
                config: {value: %s, seconds: "%s", fail: "%s", kind: plain}
                configFrom:
                  - {key: token, secretKeyRef: {name: token, key: token}}
                updates: {parallel: 4, retry: {initial: %s, max: %s}}
                """.formatted(value, seconds, fail, patience(fail, "1s"), patience(fail, "4s"));
    }

    /** What is bound to fail is not tried again before it is put right: how often would be another number each time. */
    private static String patience(String fail, String otherwise) {
        return fail.equals("refuse") ? "30s" : otherwise;
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
