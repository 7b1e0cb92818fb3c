package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RunningOperator;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A deletion that fails begins anew as soon as something that it is done with changes, and not before. */
@Tag("both-modes-long")
class DeletionRetriesIT {

    private static final String PROTECTED = """
        name: retries
        runtime: yaml
        resources:
          one: {type: "pulumi:index:Stash", properties: {input: "1"}, options: {protect: true}}
        """;

    @TempDir
    private static Path folder;

    private static RunningOperator operator;
    private static Stacks stacks;

    @BeforeAll
    static void startOperator() {
        operator = RunningOperator.start(folder.resolve("data"));
        stacks = new Stacks(operator);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"secret", "config-map", "source"})
    void aChangedInputStartsANewAttemptAtOnce(String which) {
        // given a deletion that waits for a person, or for a changed input
        String name = "by-" + which;
        stacks.putSecret(name, Map.of("TOKEN", "one", "passphrase", "known to both"));
        stacks.putConfigMap(name, Map.of("TIER", "one"));
        stacks.putConfigMap(name + "-source", Map.of("Pulumi.yaml", PROTECTED));
        stacks.create(name, """
            project: {configMap: {name: %1$s-source}}
            secretsProvider: {passphrase: {secretKeyRef: {name: %1$s, key: passphrase}}}
            env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: %1$s, key: TOKEN}}}]
            envFrom: [{configMapRef: {name: %1$s}}]
            """.formatted(name));
        stacks.awaitReady(name);
        stacks.delete(name);
        awaitProtected(name);

        // when nothing changes, then nothing is tried
        throughout().until(() -> destroys(name) == 1);

        // when the cause is repaired, which the operator cannot see, and an input changes
        Cli.in(folder.resolve(name), operator.state(), "known to both")
                .run("state", "unprotect", "--all", "--yes", "-s", "organization/retries/" + name);
        switch (which) {
            case "secret" -> stacks.putSecret(name, Map.of("TOKEN", "two", "passphrase", "known to both"));
            case "config-map" -> stacks.putConfigMap(name, Map.of("TIER", "two"));
            default -> stacks.putConfigMap(name + "-source", Map.of("Pulumi.yaml", PROTECTED + "outputs: {a: b}\n"));
        }

        // then
        stacks.awaitGone(name);
        assertThat(operator.state().resolve(".pulumi/stacks/retries/" + name + ".json"))
                .doesNotExist();
    }

    @Test
    void anAttemptWithChangedInputsCountsAnew() {
        // given
        stacks.putConfigMap("count", Map.of("TIER", "one"));
        stacks.putConfigMap("count-source", Map.of("Pulumi.yaml", PROTECTED));
        stacks.create("count", """
            project: {configMap: {name: count-source}}
            envFrom: [{configMapRef: {name: count}}]
            """);
        stacks.awaitReady("count");
        stacks.delete("count");
        awaitProtected("count");

        // when
        stacks.putConfigMap("count", Map.of("TIER", "two"));

        // then it has been tried once more, in vain, and rests again
        patiently().until(() -> destroys("count") == 2);
        awaitProtected("count");
        throughout().until(() -> destroys("count") == 2);
        assertThat(stacks.status("count").failures().count()).isOne();
    }

    private static void awaitProtected(String name) {
        patiently()
                .untilAsserted(() -> assertThat(stacks.status(name).condition(Condition.STALLED))
                        .hasValueSatisfying(
                                stalled -> assertThat(stalled.reason()).isEqualTo(Reason.ProtectedResources.name())));
    }

    private static long destroys(String name) {
        return stacks.updates(name).stream()
                .filter(update -> update.getSpec().operation() == Operation.Destroy)
                .count();
    }
}
