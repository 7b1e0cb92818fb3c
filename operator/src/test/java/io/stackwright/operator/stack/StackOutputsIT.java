package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Secret;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.RunningOperator;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs on their way from the program to the Secret and the status. */
@Tag("both-modes-long")
class StackOutputsIT {

    @TempDir
    private static Path folder;

    private static RunningOperator operator;
    private static Stacks stacks;

    @BeforeAll
    static void startOperator() {
        operator = RunningOperator.start(folder);
        stacks = new Stacks(operator);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @Tag("both-modes")
    @Test
    void everyTypeComesOutRight() {
        // when
        String large = "x".repeat(100_000);
        create("types", """
            object: {a: {b: [1, [2, {c: d}]]}}
            array: [1, two, 3.5, true, null]
            integer: 42
            negative: -7
            largest: 9007199254740991
            beyond: 1e+21
            fraction: 1.25
            truth: true
            lie: false
            unicode: "ünï 🔑 \\u2028 日本"
            quoted: "a \\"b\\" \\\\ c"
            empty: ""
            emptyObject: {}
            emptyArray: []
            numberText: "42"
            truthText: "true"
            secretText: {fn::secret: hush}
            nested: {plain: 1, list: [{deep: {fn::secret: hush too}}]}
            large: %s
            """.formatted(large));
        StackStatus status = stacks.awaitReady("types").getStatus();

        // then the status has what is not secret, with its types
        Map<String, JsonNode> outputs = status.outputs();
        assertThat(outputs.get("object")).hasToString("{\"a\":{\"b\":[1,[2,{\"c\":\"d\"}]]}}");
        assertThat(outputs.get("array")).hasToString("[1,\"two\",3.5,true,null]");
        assertThat(outputs.get("integer")).hasToString("42");
        assertThat(outputs.get("negative")).hasToString("-7");
        assertThat(outputs.get("largest")).hasToString("9007199254740991");
        assertThat(outputs.get("beyond").decimalValue()).isEqualByComparingTo("1e21");
        assertThat(outputs.get("fraction")).hasToString("1.25");
        assertThat(outputs.get("truth")).hasToString("true");
        assertThat(outputs.get("lie")).hasToString("false");
        assertThat(outputs.get("unicode").textValue()).isEqualTo("ünï 🔑 \u2028 日本");
        assertThat(outputs.get("quoted").textValue()).isEqualTo("a \"b\" \\ c");
        assertThat(outputs.get("empty")).hasToString("\"\"");
        assertThat(outputs.get("emptyObject")).hasToString("{}");
        assertThat(outputs.get("emptyArray")).hasToString("[]");
        assertThat(outputs.get("numberText")).hasToString("\"42\"");
        assertThat(outputs.get("truthText")).hasToString("\"true\"");
        assertThat(status.secretOutputs()).containsExactlyInAnyOrder("secretText", "nested");
        assertThat(outputs).doesNotContainKeys("secretText", "nested", "large");
        assertThat(status.omittedOutputs()).containsExactly("large");
        assertThat(status.outputsSecret()).isEqualTo("types-outputs");

        // and the Secret has all, text as it is and the rest as JSON
        assertThat(stacks.secret("types-outputs"))
                .hasSize(19)
                .containsEntry("object", "{\"a\":{\"b\":[1,[2,{\"c\":\"d\"}]]}}")
                .containsEntry("integer", "42")
                .containsEntry("largest", "9007199254740991")
                .containsEntry("unicode", "ünï 🔑 \u2028 日本")
                .containsEntry("empty", "")
                .containsEntry("emptyArray", "[]")
                .containsEntry("secretText", "hush")
                .containsEntry("nested", "{\"list\":[{\"deep\":\"hush too\"}],\"plain\":1}")
                .containsEntry("large", large);
    }

    @Test
    void nullIsMissingAsInPulumisOwnState() throws Exception {
        // when
        create("nulls", """
            nothing: null
            members: {here: 1, gone: null}
            list: [1, null]
            """);
        StackStatus status = stacks.awaitReady("nulls").getStatus();

        // then
        assertThat(status.outputs()).containsOnlyKeys("members", "list");
        assertThat(status.outputs().get("members")).hasToString("{\"here\":1}");
        assertThat(status.outputs().get("list")).hasToString("[1,null]");
        assertThat(stacks.secret("nulls-outputs")).isEqualTo(Map.of("members", "{\"here\":1}", "list", "[1,null]"));
        JsonNode state = new ObjectMapper()
                .readTree(operator.state()
                        .resolve(".pulumi/stacks/outputs/nulls.json")
                        .toFile());
        assertThat(state.findValue("outputs")).hasToString("{\"list\":[1,null],\"members\":{\"here\":1}}");
    }

    @Test
    void noOutputsAreAnEmptySecret() {
        // when
        stacks.create("none", "project: {inline: {name: outputs, runtime: yaml}}");
        StackStatus status = stacks.awaitReady("none").getStatus();

        // then
        assertThat(status.outputs()).isNullOrEmpty();
        assertThat(status.secretOutputs()).isNull();
        assertThat(stacks.secret("none-outputs")).isEmpty();
    }

    /** As docs/howto/configuration.md says it. */
    @Test
    void anOutputIsConfigurationOfAnotherStack() {
        // when
        stacks.create("consumes", """
            project:
              inline:
                name: consumes
                runtime: yaml
                config: {range: {type: string}}
                outputs: {seen: "in ${range}"}
            configFrom:
              - {key: range, secretKeyRef: {name: network-outputs, key: range}}
            """);

        // then
        assertThat(stacks.awaitInProgress("consumes", Reason.InputsNotReady).message())
                .contains("network-outputs");

        // when
        create("network", "range: 10.1.0.0/16\n");

        // then
        StackStatus status = stacks.awaitReady("consumes").getStatus();
        assertThat(stacks.secret("consumes-outputs")).isEqualTo(Map.of("seen", "in 10.1.0.0/16"));
        assertThat(status.secretOutputs()).containsExactly("seen");

        // when
        stacks.patch("network", "{\"spec\": {\"project\": {\"inline\": {\"outputs\": {\"range\": \"10.2.0.0/16\"}}}}}");

        // then
        patiently()
                .untilAsserted(
                        () -> assertThat(stacks.secret("consumes-outputs")).containsEntry("seen", "in 10.2.0.0/16"));
    }

    @Test
    void aRemovedOutputDisappearsFromBoth() {
        // given
        create("removes", "a: 1\nb: 2\nc: {fn::secret: 3}\n");
        stacks.awaitReady("removes");
        assertThat(stacks.secret("removes-outputs")).containsOnlyKeys("a", "b", "c");

        // when
        stacks.patch("removes", "{\"spec\": {\"project\": {\"inline\": {\"outputs\": {\"b\": null, \"c\": null}}}}}");

        // then
        patiently()
                .untilAsserted(
                        () -> assertThat(stacks.secret("removes-outputs")).containsOnlyKeys("a"));
        StackStatus status = stacks.awaitReady("removes").getStatus();
        assertThat(status.outputs()).containsOnlyKeys("a");
        assertThat(status.secretOutputs()).isNull();
    }

    @Test
    void anObjectThatBecomesEmptyIsStillAnObject() {
        // given
        create("empties", "object: {a: 1}\nnested: {deep: {b: 2}}\n");
        stacks.awaitReady("empties");

        // when
        stacks.patch(
                "empties",
                "{\"spec\": {\"project\": {\"inline\": {\"outputs\": {\"object\": {\"a\": null}, \"nested\":"
                        + " {\"deep\": {\"b\": null}}}}}}}");

        // then
        patiently()
                .untilAsserted(
                        () -> assertThat(stacks.secret("empties-outputs")).containsEntry("object", "{}"));
        Map<String, JsonNode> outputs = stacks.awaitReady("empties").getStatus().outputs();
        assertThat(outputs.get("object")).hasToString("{}");
        assertThat(outputs.get("nested")).hasToString("{\"deep\":{}}");
    }

    @Test
    void theMappingAloneTakesEffect() {
        // given
        create("maps", "url: https://a\ncount: 3\nother: x\n");
        stacks.awaitReady("maps");

        // when
        stacks.patch(
                "maps",
                "{\"spec\": {\"outputs\": {\"secret\": {\"name\": \"mapped\", \"keys\":"
                        + " {\"url\": \"MAPS_URL\", \"count\": \"MAPS_COUNT\"}}}}}");

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.secret("mapped"))
                        .isEqualTo(Map.of("MAPS_URL", "https://a", "MAPS_COUNT", "3")));
        StackStatus status = stacks.awaitReady("maps").getStatus();
        assertThat(status.outputsSecret()).isEqualTo("mapped");
        assertThat(status.outputs()).as("the status shows all").containsOnlyKeys("url", "count", "other");
        assertThat(stacks.secret("maps-outputs")).as("the one before is gone").isNull();

        // when the Stack goes
        stacks.delete("maps");
        stacks.awaitGone("maps");

        // then
        assertThat(stacks.secret("mapped")).isNull();
    }

    @Test
    void aKeyForAnOutputThatDoesNotExistIsReported() {
        // given
        create("missing", "url: https://a\n");
        stacks.awaitReady("missing");

        // when
        stacks.patch("missing", "{\"spec\": {\"outputs\": {\"secret\": {\"keys\": {\"nope\": \"N\"}}}}}");

        // then
        assertThat(stacks.awaitStalled("missing", Reason.OutputsInvalid).message())
                .contains("`nope`", "spec.outputs.secret.keys");
        assertThat(stacks.secret("missing-outputs"))
                .as("the previous ones stay")
                .containsOnlyKeys("url");

        // when
        stacks.patch(
                "missing", "{\"spec\": {\"outputs\": {\"secret\": {\"keys\": {\"nope\": null, \"url\": \"U\"}}}}}");

        // then
        stacks.awaitReady("missing");
        assertThat(stacks.secret("missing-outputs")).isEqualTo(Map.of("U", "https://a"));
    }

    @Test
    void anIllegalKeyIsReported() {
        // when
        create("illegal", "\"with space\": 1\n");

        // then
        assertThat(stacks.awaitStalled("illegal", Reason.OutputsInvalid).message())
                .contains("`with space`", "spec.outputs.secret.keys");
        assertThat(stacks.secret("illegal-outputs")).isNull();
        assertThat(stacks.status("illegal").stack().adopted())
                .as("the stack is established")
                .isFalse();

        // when
        stacks.patch("illegal", "{\"spec\": {\"outputs\": {\"secret\": {\"keys\": {\"with space\": \"with-dash\"}}}}}");

        // then
        stacks.awaitReady("illegal");
        assertThat(stacks.secret("illegal-outputs")).isEqualTo(Map.of("with-dash", "1"));
    }

    @Test
    void aForeignSecretIsLeftAlone() {
        // given
        stacks.putSecret("conflict-outputs", Map.of("theirs", "1"));
        Secret before = foreign("conflict-outputs");

        // when
        create("conflict", "ours: 2\n");

        // then
        assertThat(stacks.awaitStalled("conflict", Reason.OutputsConflict).message())
                .contains("`conflict-outputs`", "spec.outputs.secret.name");
        throughout().until(() -> foreign("conflict-outputs").equals(before));
        assertThat(stacks.updates("conflict")).hasSize(1).allSatisfy(update -> {
            assertThat(update.getStatus().phase()).isEqualTo(Phase.Failed);
            assertThat(update.getStatus().failure().reason()).isEqualTo(Reason.OutputsConflict.name());
        });

        // when another name is given
        stacks.patch("conflict", "{\"spec\": {\"outputs\": {\"secret\": {\"name\": \"conflict-free\"}}}}");

        // then
        stacks.awaitReady("conflict");
        assertThat(stacks.secret("conflict-free")).isEqualTo(Map.of("ours", "2"));

        // when the Stack goes
        stacks.delete("conflict");
        stacks.awaitGone("conflict");

        // then the foreign one is still as it was
        assertThat(foreign("conflict-outputs")).isEqualTo(before);
    }

    @Test
    void outputsThatDoNotFitAreNeverPublishedInPart() {
        // given
        create("grows", "small: fits\n");
        stacks.awaitReady("grows");

        // when: half a megabyte of text that doubles on its way
        stacks.patch(
                "grows",
                "{\"spec\": {\"project\": {\"inline\": {\"outputs\": {\"a\": \"%s\", \"b\":"
                                .formatted("x".repeat(600_000))
                        + " \"${text}${text}\"}, \"config\": {\"text\": {\"type\": \"string\","
                        + " \"default\": \"%s\"}}}}}}".formatted("y".repeat(300_000)));

        // then
        assertThat(stacks.awaitStalled("grows", Reason.OutputsTooLarge).message())
                .contains("spec.outputs.secret.keys");
        assertThat(stacks.secret("grows-outputs")).isEqualTo(Map.of("small", "fits"));
        assertThat(stacks.status("grows").outputs()).containsOnlyKeys("small");

        // when
        stacks.patch("grows", "{\"spec\": {\"outputs\": {\"secret\": {\"keys\": {\"small\": \"small\"}}}}}");

        // then
        StackStatus status = stacks.awaitReady("grows").getStatus();
        assertThat(stacks.secret("grows-outputs")).isEqualTo(Map.of("small", "fits"));
        assertThat(status.omittedOutputs()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aSecretThatSomebodyHasDeletedIsMadeAnew() {
        // given
        create("lost", "kept: 1\n");
        stacks.awaitReady("lost");

        // when
        stacks.deleteSecret("lost-outputs");

        // then an up publishes it, once
        patiently().until(() -> Map.of("kept", "1").equals(stacks.secret("lost-outputs")));
        stacks.awaitReady("lost");
        assertThat(stacks.updates("lost")).hasSize(2).last().satisfies(update -> {
            assertThat(update.getSpec().operation()).isEqualTo(Operation.Up);
            assertThat(update.getSpec().cause()).isEqualTo(Cause.InputsChanged);
        });
        assertThat(stacks.events("lost", event -> event.getNote().contains("`lost-outputs` with the outputs is gone")))
                .isNotEmpty();

        // when what is published changes, and goes with the operator's own hand
        stacks.patch("lost", "{\"spec\": {\"outputs\": {\"secret\": {\"name\": \"found\"}}}}");
        patiently().until(() -> stacks.secret("lost-outputs") == null);
        stacks.awaitReady("lost");

        // then that is no loss
        assertThat(stacks.secret("found")).isEqualTo(Map.of("kept", "1"));
        throughout().until(() -> stacks.updates("lost").size() == 3);
    }

    @Test
    void aSecretThatSomebodyHasDeletedWhileTheOperatorWasAwayIsMadeAnew() {
        // given
        create("away", "kept: 1\n");
        stacks.awaitReady("away");
        operator.stop();

        // when
        stacks.deleteSecret("away-outputs");
        operator.start();

        // then
        patiently().until(() -> Map.of("kept", "1").equals(stacks.secret("away-outputs")));
        stacks.awaitReady("away");
        assertThat(stacks.updates("away")).hasSize(2);
    }

    @Test
    void aSuspendedStackSaysThatItsSecretIsLost() {
        // given
        create("rests", "kept: 1\n");
        stacks.awaitReady("rests");
        stacks.patch("rests", "{\"spec\": {\"suspend\": true}}");
        stacks.awaitReady("rests");

        // when
        stacks.deleteSecret("rests-outputs");

        // then
        patiently()
                .until(() -> stacks.status("rests")
                        .condition(Condition.READY)
                        .filter(ready -> ready.reason().equals(Reason.Suspended.name()))
                        .isPresent());

        // when
        stacks.patch("rests", "{\"spec\": {\"suspend\": false}}");

        // then
        stacks.awaitReady("rests");
        assertThat(stacks.secret("rests-outputs")).isEqualTo(Map.of("kept", "1"));
    }

    @Test
    void aRetainedSecretOutlivesItsStack() {
        // given
        create("retains", "kept: 1\n", "outputs: {secret: {retain: true}}\n");
        stacks.awaitReady("retains");

        // when
        stacks.delete("retains");
        stacks.awaitGone("retains");

        // then
        assertThat(stacks.secret("retains-outputs")).isEqualTo(Map.of("kept", "1"));
    }

    private static Secret foreign(String name) {
        return operator.client()
                .secrets()
                .inNamespace(operator.namespace())
                .withName(name)
                .get();
    }

    private static void create(String name, String outputs, String... more) {
        stacks.create(
                name,
                "project:\n  inline:\n    name: outputs\n    runtime: yaml\n    outputs:\n" + outputs.indent(6)
                        + String.join("\n", more));
    }
}
