package io.stackwright.operator.badinput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.badinput.Row.Expectation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Values of the spec: rows 41 to 47, but for a Secret that goes ({@link ReachRows}); 48 and 49 are in {@link BackendRows}, sizes and objects in {@link ObjectRows}. */
final class SpecRows {

    static final String CANARY = "c4n4ry-of-a-secret-value-7f3a";
    private static final String HELLO = "project: {inline: {name: %s, runtime: yaml, outputs: {out: fine}}}\n";

    private SpecRows() {}

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (String name :
                List.of("LD_PRELOAD", "LD_LIBRARY_PATH", "PATH", "HOME", "PULUMI_HOME", "PULUMI_BACKEND_URL")) {
            String stack = "r41-" + name.toLowerCase().replace('_', '-');
            rows.add(new Row(
                    41,
                    name + " in env",
                    world -> world.refused(
                            stack,
                            HELLO.formatted("r41") + "env: [{name: " + name + ", value: \"/tmp/x\"}]",
                            "spec.env",
                            Reason.InputsInvalid)));
        }
        rows.add(new Row(41, "the same from a Secret", world -> {
            world.secret("r41-env", Map.of("LD_PRELOAD", bytes("/tmp/" + CANARY)));
            world.apply("r41-from", HELLO.formatted("r41") + "envFrom: [{secretRef: {name: r41-env}}]");
            return world.stalled("r41-from", Reason.InputsInvalid, "LD_PRELOAD");
        }));
        rows.add(new Row(
                41, "variables that start programs reach the run and nothing else", SpecRows::startingVariables));
        rows.add(new Row(42, "a value of 200 KiB", SpecRows::largeValue));
        rows.add(new Row(42, "a value of 200 KiB for a program that gets it as a variable", SpecRows::largeVariable));
        rows.add(new Row(42, "2 MiB in all", world -> {
            for (int i = 0; i < 3; i++) {
                world.secret("r42-" + i, Map.of("v", bytes("x".repeat(700 << 10))));
            }
            world.apply("r42-total", HELLO.formatted("r42") + """
                configFrom:
                - {key: a, secretKeyRef: {name: r42-0, key: v}}
                - {key: b, secretKeyRef: {name: r42-1, key: v}}
                - {key: c, secretKeyRef: {name: r42-2, key: v}}
                """);
            return world.stalled("r42-total", Reason.InputsInvalid, "more than the 1048576 that are possible");
        }));
        rows.addAll(secrets());
        rows.addAll(serviceAccounts());
        rows.addAll(stackNames());
        rows.add(new Row(46, "two Stacks that mean one Pulumi stack", SpecRows::oneIdentity));
        rows.add(new Row(47, "targets with wildcards", SpecRows::wildcardTarget));
        rows.add(new Row(47, "targets that are options", SpecRows::optionTarget));
        return rows;
    }

    private static List<Row> serviceAccounts() {
        List<Row> rows = new ArrayList<>();
        Map.of("another-namespace", "elsewhere/deployer", "empty", "").forEach((what, account) -> {
            String name = "r44-" + what;
            rows.add(new Row(
                    44,
                    "a service account: " + what,
                    world -> world.refused(
                            name,
                            HELLO.formatted("r44") + "execution: {serviceAccountName: '" + account + "'}",
                            "spec.execution.serviceAccountName",
                            Reason.InvalidSpec)));
        });
        rows.add(new Row(44, "a service account where runs are not Jobs", world -> {
            world.apply("r44-embedded", HELLO.formatted("r44") + "execution: {serviceAccountName: nobody}");
            return world.stalled("r44-embedded", Reason.InvalidSpec, "spec.execution");
        }));
        return rows;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Expectation startingVariables(World world) throws Exception {
        Path marker = world.marker("variables");
        Path script = Files.writeString(world.folder().resolve("r41.sh"), "touch " + marker + "\n");
        Map<String, String> variables = Map.of(
                "NODE_OPTIONS",
                "--max-old-space-size=512",
                "PYTHONSTARTUP",
                script.toString(),
                "JAVA_TOOL_OPTIONS",
                "-Dr41=x",
                "BASH_ENV",
                script.toString(),
                "ENV",
                script.toString(),
                "GIT_SSH_COMMAND",
                "touch " + marker,
                "GIT_EXTERNAL_DIFF",
                "touch " + marker,
                "GIT_CONFIG_COUNT",
                "1",
                "KUBECONFIG",
                "/nowhere");
        StringBuilder env = new StringBuilder("env:\n");
        variables.forEach((name, value) -> env.append("- {name: ")
                .append(name)
                .append(", value: \"")
                .append(value)
                .append("\"}\n"));
        world.git().create("r41").commit(Map.of("Pulumi.yaml", SourceRows.PROJECT.formatted("r41v")));
        world.apply("r41-variables", SourceRows.git(world, "r41", "") + "\n" + env);
        return () -> {
            world.scenario().awaitReady("r41-variables");
            assertThat(marker).doesNotExist();
            assertThat(world.pulumi().calls())
                    .filteredOn(call -> call.arguments().contains("organization/r41v/r41-variables"))
                    .isNotEmpty()
                    .extracting(RecordedPulumi.Call::environment)
                    .allSatisfy(seen -> assertThat(seen).containsAllEntriesOf(variables));
            // A Stack beside it, run by the same operator at the same time.
            assertThat(world.pulumi().calls())
                    .filteredOn(call -> call.arguments().contains("organization/r39-api/r39-api"))
                    .extracting(RecordedPulumi.Call::environment)
                    .allSatisfy(seen -> assertThat(seen).doesNotContainKeys("GIT_SSH_COMMAND", "PYTHONSTARTUP"));
        };
    }

    private static Expectation largeValue(World world) {
        String value = "y".repeat(200 << 10);
        world.apply("r42-value", """
            project:
              inline:
                name: r42v
                runtime: yaml
                config: {big: {type: string}}
                outputs: {out: "${big}"}
            config: {big: "%s"}
            """.formatted(value));
        return () -> {
            world.scenario().awaitReady("r42-value");
            String output = world.client()
                    .secrets()
                    .inNamespace(world.namespace())
                    .withName("r42-value-outputs")
                    .get()
                    .getData()
                    .get("out");
            assertThat(new String(java.util.Base64.getDecoder().decode(output), StandardCharsets.UTF_8))
                    .isEqualTo(value);
        };
    }

    private static Expectation largeVariable(World world) {
        world.configMap("r42-python", Map.of("Pulumi.yaml", "name: r42p\nruntime: python\n", "__main__.py", ""));
        world.apply(
                "r42-python",
                "project: {configMap: {name: r42-python}, install: Never}\nconfig: {big: \"" + "z".repeat(200 << 10)
                        + "\"}");
        return () -> assertThat(
                        world.awaitStalled("r42-python", Reason.InputsInvalid).message())
                .contains("at most 131072")
                .doesNotContain("argument list too long");
    }

    private static List<Row> secrets() {
        return List.of(
                new Row(43, "a Secret, or a key of it, that does not exist yet", world -> {
                    world.secret("r43-other", Map.of("another", bytes("x")));
                    world.apply("r43-missing", reference("r43m", "r43-later", "v"));
                    world.apply("r43-key", reference("r43k", "r43-other", "v"));
                    return () -> {
                        world.waits("r43-missing", Reason.InputsNotReady, "Secret `r43-later`")
                                .check();
                        world.waits("r43-key", Reason.InputsNotReady, "r43-other")
                                .check();
                        world.secret("r43-later", Map.of("v", bytes(CANARY)));
                        world.secret("r43-other", Map.of("v", bytes(CANARY)));
                        world.ready("r43-missing").check();
                        world.ready("r43-key").check();
                    };
                }),
                new Row(43, "an empty value", world -> {
                    world.secret("r43-empty", Map.of("v", new byte[0]));
                    world.apply("r43-empty", reference("r43e", "r43-empty", "v"));
                    return world.ready("r43-empty");
                }),
                new Row(43, "a value that is no text", world -> {
                    world.secret("r43-binary", Map.of("v", new byte[] {0, (byte) 0xff, (byte) 0xfe, 1}));
                    world.apply("r43-binary", reference("r43b", "r43-binary", "v"));
                    return world.stalled("r43-binary", Reason.InputsInvalid, "r43-binary");
                }),
                new Row(43, "a Secret of another namespace", world -> {
                    String elsewhere =
                            io.stackwright.testkit.ControlPlane.shared().createNamespace("elsewhere");
                    world.client()
                            .resource(new io.fabric8.kubernetes.api.model.SecretBuilder()
                                    .withNewMetadata()
                                    .withName("r43-elsewhere")
                                    .withNamespace(elsewhere)
                                    .endMetadata()
                                    .addToStringData("v", CANARY)
                                    .build())
                            .create();
                    Expectation field = world.refused(
                            "r43-namespace",
                            HELLO.formatted("r43n") + "configFrom: [{key: s, secretKeyRef: {name: r43-elsewhere,"
                                    + " namespace: " + elsewhere + ", key: v}}]",
                            "unknown field");
                    world.apply("r43-elsewhere", reference("r43n", "r43-elsewhere", "v"));
                    return () -> {
                        field.check();
                        world.waits("r43-elsewhere", Reason.InputsNotReady, "r43-elsewhere")
                                .check();
                    };
                }),
                new Row(43, "a value of 1 MiB", world -> {
                    world.secret("r43-large", Map.of("v", bytes("x".repeat((1 << 20) - 100))));
                    world.secret("r43-more", Map.of("v", bytes("y".repeat(200))));
                    world.apply(
                            "r43-large",
                            reference("r43l", "r43-large", "v")
                                    + "- {key: more, secretKeyRef: {name: r43-more, key: v}}\n");
                    return world.stalled("r43-large", Reason.InputsInvalid, "1048576");
                }));
    }

    private static String reference(String project, String secret, String key) {
        return HELLO.formatted(project) + "configFrom:\n- {key: s, secretKeyRef: {name: " + secret + ", key: " + key
                + "}}\n";
    }

    private static List<Row> stackNames() {
        Map<String, String> names = Map.of(
                "up", "../x",
                "parts", "a/b/c/d",
                "long", "a".repeat(300),
                "unicode", "st\u00e4ck",
                "dots", "..",
                "dot", ".",
                "backend", ".pulumi",
                "option", "--stack=x",
                "empty", "");
        List<Row> rows = new ArrayList<>();
        names.forEach((what, name) -> rows.add(new Row(
                45,
                "a stack name of " + what,
                world -> world.refused(
                        "r45-" + what,
                        HELLO.formatted("r45") + "stackName: \"" + name + "\"",
                        "spec.stackName",
                        Reason.InvalidSpec))));
        for (String name : List.of("PROD", "con")) {
            String stack = "r45-" + name.toLowerCase();
            rows.add(new Row(
                    45, "a stack name that other systems do not take, " + name + ": has its own place", world -> {
                        world.apply(stack, HELLO.formatted("r45") + "stackName: " + name);
                        return () -> {
                            world.scenario().awaitReady(stack);
                            assertThat(world.scenario().inBackend("r45", name)).isTrue();
                        };
                    }));
        }
        return rows;
    }

    private static Expectation oneIdentity(World world) {
        world.apply("r46-first", HELLO.formatted("r46") + "stackName: same");
        return () -> {
            world.scenario().awaitReady("r46-first");
            world.apply("r46-second", HELLO.formatted("r46") + "stackName: same");
            assertThat(world.awaitStalled("r46-second", Reason.IdentityClaimed).message())
                    .doesNotContain("r46-first");
            assertThat(world.scenario().updates("r46-first")).hasSize(1);
            assertThat(world.scenario().updates("r46-second")).isEmpty();
            // It goes without a trace in the backend.
            world.scenario().delete("r46-second");
            world.scenario().awaitGone("r46-second");
            assertThat(world.scenario().inBackend("r46", "same")).isTrue();
        };
    }

    private static Expectation wildcardTarget(World world) {
        String target = "urn:pulumi:**::r47::pulumi:index:Stash::a*";
        world.apply("r47-target", """
            project:
              inline: {name: r47, runtime: yaml, resources: {a: {type: "pulumi:index:Stash", properties: {input: x}}}}
            """);
        return () -> {
            world.scenario().awaitReady("r47-target");
            createUpdate(world, "r47-wild", "{stack: r47-target, operation: Up, targets: [\"" + target + "\"]}");
            await().atMost(World.PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    update(world, "r47-wild").getStatus().phase())
                            .isEqualTo(Phase.Succeeded));
            List<String> arguments = world.pulumi().calls().stream()
                    .map(RecordedPulumi.Call::arguments)
                    .filter(call -> call.contains(target))
                    .findFirst()
                    .orElseThrow();
            assertThat(arguments.get(arguments.indexOf(target) - 1)).isEqualTo("--target");
        };
    }

    private static Expectation optionTarget(World world) {
        world.apply("r47-options", HELLO.formatted("r47o"));
        return () -> {
            world.scenario().awaitReady("r47-options");
            try (OpenSchema open = new OpenSchema(world.client(), world.namespace())) {
                open.create(
                        "Update",
                        "r47-option",
                        "{stack: r47-options, operation: Preview, targets: [\"--remove\"]}",
                        null);
            }
            await().atMost(World.PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    update(world, "r47-option").getStatus().phase())
                            .isIn(Phase.Failed, Phase.Succeeded));
            // As the value of a flag it is no flag.
            assertThat(world.pulumi().calls())
                    .filteredOn(call ->
                            call.command().equals("preview") && call.arguments().contains("--remove"))
                    .isNotEmpty()
                    .allSatisfy(call -> assertThat(
                                    call.arguments().get(call.arguments().indexOf("--remove") - 1))
                            .isEqualTo("--target"));
            assertThat(world.scenario().inBackend("r47o", "r47-options")).isTrue();
        };
    }

    private static void createUpdate(World world, String name, String spec) {
        GenericKubernetesResource update = Serialization.unmarshal(
                "apiVersion: stackwright.io/v1alpha1\nkind: Update\nmetadata: {name: " + name + "}\nspec: " + spec,
                GenericKubernetesResource.class);
        update.getMetadata().setNamespace(world.namespace());
        world.client().resource(update).create();
    }

    private static Update update(World world, String name) {
        return world.client()
                .resources(Update.class)
                .inNamespace(world.namespace())
                .withName(name)
                .get();
    }
}
