package io.stackwright.operator.badinput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.badinput.Row.Expectation;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sizes and objects that cannot be read: rows 50 and 51. What unreadable ones do to others: {@link PoisonObjectsIT}. */
final class ObjectRows {

    private static final String HELLO = "project: {inline: {name: %s, runtime: yaml, outputs: {out: fine}}}\n";

    private ObjectRows() {}

    static List<Row> rows() {
        return List.of(
                new Row(50, "a Stack of 1.3 MiB", world -> {
                    world.apply(
                            "r50-stack", HELLO.formatted("r50") + "config: {big: \"" + "x".repeat(1_300_000) + "\"}");
                    return world.stalled("r50-stack", Reason.InputsInvalid, "more than the 1048576");
                }),
                new Row(50, "a program of 1.2 MiB", world -> {
                    world.apply(
                            "r50-program",
                            "project: {inline: {name: r50, runtime: yaml, description: \"" + "x".repeat(1_200_000)
                                    + "\"}}");
                    return world.stalled("r50-program", Reason.SourceInvalid, "larger than 1 MiB");
                }),
                new Row(
                        50,
                        "10 000 configuration keys",
                        world -> world.refused(
                                "r50-keys",
                                HELLO.formatted("r50") + "config: {"
                                        + IntStream.range(0, 10_000)
                                                .mapToObj(i -> "k" + i + ": v")
                                                .collect(Collectors.joining(", "))
                                        + "}",
                                "spec.config")),
                new Row(50, "one output of 800 KiB", ObjectRows::largeOutput),
                new Row(50, "outputs of more than 1 MiB", ObjectRows::tooLargeOutputs),
                new Row(50, "thousands of outputs with long names", ObjectRows::manyOutputs),
                new Row(50, "a message near every limit", ObjectRows::longMessages),
                poison("r51-enum", HELLO.formatted("r51") + "deletionPolicy: FromTheFuture"),
                poison("r51-overflow", HELLO.formatted("r51") + "historyLimit: 99999999999999999999"),
                poison("r51-text", HELLO.formatted("r51") + "updates: {parallel: many}"),
                new Row(51, "a spec that is no object at all", world -> {
                    world.late("r51-list", "[not, an, object]");
                    // The API server lets nobody write to such an object, not even a status: it is there, and no more.
                    return () -> {
                        assertThat(world.scenario().get("r51-list")).isNotNull();
                        assertThat(world.pulumi().commands("r51-list")).isEmpty();
                        world.ready("good-1").check();
                    };
                }),
                poison("r51-object", HELLO.formatted("r51") + "env: {name: A}"),
                new Row(51, "null in lists", ObjectRows::nullInLists),
                new Row(51, "annotations of no and of 250 KiB", ObjectRows::annotations),
                new Row(51, "finalizers that a person edits", ObjectRows::finalizers),
                new Row(51, "an edit and a deletion at once", ObjectRows::editAndDelete));
    }

    private static Row poison(String name, String spec) {
        return new Row(51, "a spec that cannot be read: " + name.substring(4), world -> world.unreadable(name, spec));
    }

    private static Expectation largeOutput(World world) {
        world.apply("r50-output", """
            project:
              inline:
                name: r50o
                runtime: yaml
                config: {big: {type: string}}
                outputs: {large: "${big}", small: fine}
            config: {big: "%s"}
            """.formatted("x".repeat(800 << 10)));
        return () -> {
            StackStatus status = world.scenario().awaitReady("r50-output").getStatus();
            assertThat(status.outputs()).containsOnlyKeys("small");
            assertThat(status.omittedOutputs()).containsExactly("large");
            assertThat(world.client()
                            .secrets()
                            .inNamespace(world.namespace())
                            .withName("r50-output-outputs")
                            .get()
                            .getData())
                    .containsKeys("large", "small");
        };
    }

    private static Expectation tooLargeOutputs(World world) {
        world.apply("r50-outputs", """
            project:
              inline:
                name: r50p
                runtime: yaml
                config: {big: {type: string}}
                outputs: {one: "${big}", two: "${big}"}
            config: {big: "%s"}
            """.formatted("x".repeat(700 << 10)));
        return () -> {
            assertThat(world.awaitStalled("r50-outputs", Reason.OutputsTooLarge).message())
                    .contains("spec.outputs");
            assertThat(world.pulumi().commands("r50-outputs")).containsOnlyOnce("up");
        };
    }

    private static Expectation manyOutputs(World world) {
        String outputs = IntStream.range(0, 3_000)
                .mapToObj(i -> "an-output-with-a-name-that-is-long-" + i + ": {\"fn::secret\": v}")
                .collect(Collectors.joining(", "));
        world.apply("r50-many", "project: {inline: {name: r50m, runtime: yaml, outputs: {" + outputs + "}}}");
        return () -> {
            StackStatus status = world.scenario().awaitReady("r50-many").getStatus();
            assertThat(status.secretOutputs()).last().asString().contains("more");
        };
    }

    /** Errors, diagnostics and steps at once, each as long as can be. */
    private static Expectation longMessages(World world) {
        String resources = IntStream.range(0, 100)
                .mapToObj(i -> "r%d-%s: {type: \"pulumi:index:Stash\", properties: {input: {%s}}}"
                        .formatted(
                                i,
                                "n".repeat(150),
                                IntStream.range(0, 20)
                                        .mapToObj(k -> "k" + k + "-" + "p".repeat(80) + ": x")
                                        .collect(Collectors.joining(", "))))
                .collect(Collectors.joining(", "));
        world.apply("r50-message", """
            project:
              inline:
                name: r50l
                runtime: yaml
                resources: {%s}
                outputs: {oops: {"fn::readFile": "/nowhere/%s"}}
            updates: {retry: {initial: 1h}}
            """.formatted(resources, "f".repeat(3_000)));
        // Its sizes are checked together with those of all others.
        return () -> await().atMost(World.PATIENCE)
                .untilAsserted(() -> assertThat(world.scenario().updates("r50-message"))
                        .isNotEmpty()
                        .allSatisfy(update -> assertThat(update.getStatus().phase())
                                .matches(phase -> phase != null && phase.isFinal())));
    }

    private static Expectation nullInLists(World world) {
        world.late("r51-null", HELLO.formatted("r51n") + """
            configFrom: [null]
            env: [null]
            envFrom: [null]
            config: {a: null}
            outputs: {secret: {keys: {a: null}}}
            """);
        return () -> await().atMost(World.PATIENCE)
                .untilAsserted(() -> assertThat(
                                world.scenario().get("r51-null").getStatus().observedGeneration())
                        .isEqualTo(1));
    }

    private static Expectation annotations(World world) {
        world.apply("r51-annotations", HELLO.formatted("r51a"));
        return () -> {
            world.scenario().awaitReady("r51-annotations");
            annotate(
                    world,
                    "r51-annotations",
                    Map.of(
                            "stackwright.io/reconcile",
                            "x".repeat(125 << 10),
                            "reconcile.fluxcd.io/requestedAt",
                            "y".repeat(125 << 10)));
            await().atMost(World.PATIENCE).untilAsserted(() -> {
                StackStatus status =
                        world.scenario().awaitReady("r51-annotations").getStatus();
                assertThat(status.handled())
                        .containsOnlyKeys("stackwright.io/reconcile", "reconcile.fluxcd.io/requestedAt");
            });
            int runs = world.scenario().updates("r51-annotations").size();
            annotate(world, "r51-annotations", Map.of("stackwright.io/reconcile", ""));
            await().atMost(World.PATIENCE)
                    .untilAsserted(() -> assertThat(world.scenario().updates("r51-annotations"))
                            .hasSizeGreaterThan(runs));
            world.scenario().awaitReady("r51-annotations");
        };
    }

    private static void annotate(World world, String name, Map<String, String> annotations) {
        world.scenario().patch(name, Serialization.asJson(Map.of("metadata", Map.of("annotations", annotations))));
    }

    private static Expectation finalizers(World world) {
        world.apply("r51-finalizers", HELLO.formatted("r51f"));
        return () -> {
            world.scenario().awaitReady("r51-finalizers");
            // taken away, it comes back; another one stays
            world.scenario().patch("r51-finalizers", "{\"metadata\": {\"finalizers\": [\"example.com/mine\"]}}");
            await().atMost(World.PATIENCE)
                    .untilAsserted(() -> assertThat(world.scenario()
                                    .get("r51-finalizers")
                                    .getMetadata()
                                    .getFinalizers())
                            .containsExactlyInAnyOrder("example.com/mine", "stackwright.io/stack"));
            world.scenario().delete("r51-finalizers");
            await().atMost(World.PATIENCE)
                    .untilAsserted(() -> assertThat(world.scenario()
                                    .get("r51-finalizers")
                                    .getMetadata()
                                    .getFinalizers())
                            .containsExactly("example.com/mine"));
            assertThat(world.scenario().inBackend("r51f", "r51-finalizers")).isFalse();
            world.scenario().patch("r51-finalizers", "{\"metadata\": {\"finalizers\": null}}");
            world.scenario().awaitGone("r51-finalizers");
        };
    }

    private static Expectation editAndDelete(World world) {
        world.apply("r51-deleted", HELLO.formatted("r51d"));
        return () -> {
            world.scenario().awaitReady("r51-deleted");
            GenericKubernetesResource edited = world.client()
                    .genericKubernetesResources("stackwright.io/v1alpha1", "Stack")
                    .inNamespace(world.namespace())
                    .withName("r51-deleted")
                    .get();
            world.scenario().delete("r51-deleted");
            world.client()
                    .resource(edited)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"spec\": {\"project\": {\"inline\": {\"outputs\": {\"out\": \"other\"}}}}}");
            world.scenario().awaitGone("r51-deleted");
            assertThat(world.scenario().inBackend("r51d", "r51-deleted")).isFalse();
        };
    }
}
