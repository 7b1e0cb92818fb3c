package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deletion, and what may stand in its way: the finalizer goes after a proven destroy or a person's word only. */
@Tag("both-modes-long")
class DeletionIT {

    private static final String INLINE = """
        project:
          inline:
            name: deletion
            runtime: yaml
            resources:
              one: {type: "pulumi:index:Stash", properties: {input: "1"}}
              two: {type: "pulumi:index:Stash", properties: {input: "2"}%s}
            outputs: {out: "1"}
        updates: {retry: {initial: 1s, max: 1s}}
        """;

    private static final String TWO = INLINE.formatted("");

    @TempDir
    private static Path folder;

    private static RecordedPulumi pulumi;
    private static RunningOperator operator;
    private static Stacks stacks;

    @BeforeAll
    static void startOperator() {
        pulumi = RecordedPulumi.in(folder);
        operator = RunningOperator.start(folder.resolve("data"), RunningOperator.pulumi(pulumi.command()));
        stacks = new Stacks(operator);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @Test
    void success() {
        // given
        ready("success", TWO);

        // when
        stacks.delete("success");

        // then
        stacks.awaitGone("success");
        assertThat(state("success")).doesNotExist();
        assertThat(stacks.secret("success-outputs")).isNull();
        assertThat(stacks.secret("success-passphrase")).isNull();
        assertThat(pulumi.commands("success")).endsWith("destroy");
    }

    @Test
    void neverCreated() {
        // given a source that never was
        stacks.create("unborn", "project: {configMap: {name: unborn}}");
        stacks.awaitInProgress("unborn", Reason.SourceNotReady);

        // when
        stacks.delete("unborn");

        // then
        stacks.awaitGone("unborn");
        assertThat(pulumi.commands("unborn")).isEmpty();
    }

    @Tag("both-modes")
    @Test
    void protectedResources() {
        // given
        ready("guarded", INLINE.formatted(", options: {protect: true}") + passphrase("guarded"));

        // when
        stacks.delete("guarded");

        // then
        Condition stalled = awaitStalled("guarded", Reason.ProtectedResources);
        assertNamesLastResort("guarded", stalled);
        assertKept("guarded");

        // when
        bare("guarded").run("state", "unprotect", "--all", "--yes", "-s", "organization/deletion/guarded");
        stacks.annotate("guarded", Requests.RECONCILE, "1");

        // then
        stacks.awaitGone("guarded");
        assertThat(state("guarded")).doesNotExist();
    }

    @Test
    void retainOnDeleteResources() {
        // given
        ready("forgotten", INLINE.formatted(", options: {retainOnDelete: true}"));

        // when
        stacks.delete("forgotten");

        // then
        stacks.awaitGone("forgotten");
        assertThat(state("forgotten")).doesNotExist();
    }

    @Test
    void theSourceIsGone() {
        // given
        stacks.putConfigMap(
                "program",
                Map.of(
                        "Pulumi.yaml",
                        "{name: deletion, runtime: yaml, resources: {one: {type: \"pulumi:index:Stash\", properties:"
                                + " {input: x}}}}"));
        ready("sourceless", "project: {configMap: {name: program}}");
        operator.client()
                .configMaps()
                .inNamespace(operator.namespace())
                .withName("program")
                .delete();
        stacks.awaitInProgress("sourceless", Reason.SourceNotReady);

        // when
        stacks.delete("sourceless");

        // then
        stacks.awaitGone("sourceless");
        assertThat(state("sourceless")).doesNotExist();
    }

    @Tag("both-modes")
    @Test
    void theCredentialsAreGone() {
        // given
        stacks.putSecret("cloud", Map.of("token", "t0ken"));
        ready("bare", TWO + "env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: cloud, key: token}}}]");
        stacks.deleteSecret("cloud");

        // when
        stacks.delete("bare");

        // then
        Condition waits = awaitDeleting("bare", Reason.InputsNotReady);
        assertNamesLastResort("bare", waits);
        assertKept("bare");

        // when
        stacks.putSecret("cloud", Map.of("token", "t0ken"));

        // then
        stacks.awaitGone("bare");
        assertThat(state("bare")).doesNotExist();
    }

    @Test
    void aConfigurationValueThatIsGoneIsNotNeeded() {
        // given
        stacks.putSecret("setting", Map.of("value", "any"));
        ready("unset", TWO + "configFrom: [{key: any, secretKeyRef: {name: setting, key: value}}]");
        stacks.deleteSecret("setting");

        // when
        stacks.delete("unset");

        // then
        stacks.awaitGone("unset");
        assertThat(state("unset")).doesNotExist();
    }

    @Test
    void theGeneratedPassphraseIsGone() {
        // given
        ready("mute", TWO);
        Map<String, String> kept = removeByForce("mute-passphrase");

        // when
        stacks.delete("mute");

        // then
        Condition stalled = awaitStalled("mute", Reason.InputsInvalid);
        assertThat(stalled.message()).contains("mute-passphrase", "restore");
        assertNamesLastResort("mute", stalled);
        assertKept("mute");

        // when it is restored as the documentation says
        stacks.putSecret("mute-passphrase", kept);
        operator.client()
                .secrets()
                .inNamespace(operator.namespace())
                .withName("mute-passphrase")
                .edit(secret -> {
                    secret.getMetadata()
                            .setLabels(Map.of(
                                    "app.kubernetes.io/managed-by",
                                    "stackwright",
                                    "stackwright.io/stack",
                                    "mute",
                                    "stackwright.io/stack-uid",
                                    stacks.get("mute").getMetadata().getUid()));
                    return secret;
                });
        stacks.annotate("mute", Requests.RECONCILE, "1");

        // then
        stacks.awaitGone("mute");
        assertThat(state("mute")).doesNotExist();
    }

    @Test
    void theBackendIsDownAndBack() throws IOException {
        // given
        Path backend = Files.createDirectories(folder.resolve("backend"));
        ready("away", TWO + "backend: {url: \"file://" + backend + "\"}");
        Files.move(backend, folder.resolve("backend-away"));

        // when
        stacks.delete("away");

        // then
        patiently()
                .until(() -> stacks.status("away").failures() != null
                        && stacks.status("away").failures().count() >= 2);
        assertThat(stacks.status("away").failures().reason()).isEqualTo(Reason.BackendUnavailable.name());
        assertThat(stacks.status("away").condition(Condition.STALLED)).isEmpty();
        assertThat(backend).doesNotExist();

        // when
        Files.move(folder.resolve("backend-away"), backend);

        // then
        stacks.awaitGone("away");
        assertThat(backend.resolve(".pulumi/stacks/deletion/away.json")).doesNotExist();
    }

    @Test
    void aBackendThatWasMadeAnewProvesNothing() throws IOException {
        // given
        Path backend = Files.createDirectories(folder.resolve("renewed"));
        ready("renewed", TWO + "backend: {url: \"file://" + backend + "\"}");
        Files.move(backend, folder.resolve("renewed-away"));
        Files.createDirectories(backend);

        // when
        stacks.delete("renewed");

        // then
        Condition stalled = awaitStalled("renewed", Reason.StateMissing);
        assertThat(stalled.message()).contains("file://" + backend, "2 resources");
        assertNamesLastResort("renewed", stalled);

        // when an empty stack of that name is in it
        Cli cli = Cli.in(folder.resolve("renewed-cli"), backend, "any");
        cli.project("{name: deletion, runtime: yaml}");
        cli.run("stack", "init", "organization/deletion/renewed", "--no-select", "--non-interactive");
        int updates = stacks.updates("renewed").size();
        stacks.annotate("renewed", Requests.RECONCILE, "1");

        // then
        patiently().until(() -> stacks.updates("renewed").size() > updates);
        awaitStalled("renewed", Reason.StateMissing);
        assertThat(backend.resolve(".pulumi/stacks/deletion/renewed.json")).exists();

        // when
        Files.move(backend, folder.resolve("renewed-empty"));
        Files.move(folder.resolve("renewed-away"), backend);
        stacks.annotate("renewed", Requests.RECONCILE, "2");

        // then
        stacks.awaitGone("renewed");
        assertThat(backend.resolve(".pulumi/stacks/deletion/renewed.json")).doesNotExist();
    }

    /** It had none; then there are some, of an up that failed. */
    @Test
    void aBackendThatWasMadeAnewProvesNothingAfterAFailedUpEither() throws IOException {
        // given
        Path backend = Files.createDirectories(folder.resolve("half"));
        ready("half", """
            project: {inline: {name: deletion, runtime: yaml, outputs: {out: 1}}}
            updates: {retry: {initial: 1h}}
            backend: {url: "file://%s"}
            """.formatted(backend));
        assertThat(stacks.status("half").resources()).isZero();
        stacks.patch("half", """
            {"spec": {"project": {"inline": {
                "resources": {"one": {"type": "pulumi:index:Stash", "properties": {"input": "%%"}}},
                "outputs": {"out": {"fn::fromBase64": "${one.output}"}}}}}}
            """);
        patiently().until(() -> stacks.status("half").failures() != null);
        assertThat(stacks.status("half").failures().message()).contains("fromBase64");
        assertThat(stacks.status("half").resources()).isEqualTo(1);
        Files.move(backend, folder.resolve("half-away"));
        Files.createDirectories(backend);

        // when
        stacks.delete("half");

        // then
        Condition stalled = awaitStalled("half", Reason.StateMissing);
        assertThat(stalled.message()).contains("file://" + backend, "1 resources");
    }

    @Test
    void theStackWasRemovedByHand() {
        // given
        ready("removed", TWO + passphrase("removed"));
        bare("removed").run("destroy", "--yes", "--skip-preview", "--remove", "-s", "organization/deletion/removed");

        // when
        stacks.delete("removed");

        // then
        stacks.awaitGone("removed");
    }

    @Test
    void aCorruptStateIsNamedAndMayBeAbandoned() throws IOException {
        // given
        ready("corrupt", TWO);
        Files.writeString(state("corrupt"), "{\"version\": 3, \"checkpoint\": {\"sta");

        // when
        stacks.delete("corrupt");

        // then
        Condition stalled = awaitStalled("corrupt", Reason.StateCorrupt);
        assertNamesLastResort("corrupt", stalled);

        // when somebody else's word comes along
        stacks.annotate("corrupt", "stackwright.io/abandon", "not-this-one");

        // then it is not taken
        String uid = stacks.get("corrupt").getMetadata().getUid();
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("corrupt")
                                .condition(Condition.STALLED)
                                .orElseThrow()
                                .message())
                        .contains("of another object", "must be " + uid));
        throughout().until(() -> stacks.get("corrupt") != null);

        // when
        stacks.annotate("corrupt", "stackwright.io/abandon", uid);

        // then all stays
        stacks.awaitGone("corrupt");
        assertThat(state("corrupt")).exists();
        assertThat(stacks.secret("corrupt-passphrase")).containsKey("passphrase");
        assertThat(stacks.secret("corrupt-outputs")).isNull();
        patiently()
                .untilAsserted(() -> assertThat(stacks.events(
                                "corrupt", event -> event.getReason().equals(Reason.Abandoned.name())))
                        .singleElement()
                        .satisfies(event ->
                                assertThat(event.getNote()).contains("organization/deletion/corrupt", "2 resources")));
    }

    @Test
    void abandoningTakesEffectWithTheDeletionOnly() {
        // given
        ready("early", TWO);
        stacks.annotate(
                "early",
                "stackwright.io/abandon",
                stacks.get("early").getMetadata().getUid());
        throughout().until(() -> state("early").toFile().exists());
        stacks.awaitReady("early");

        // when
        stacks.delete("early");

        // then a person's word said before counts as well: it names this very object
        stacks.awaitGone("early");
        assertThat(state("early")).exists();
    }

    @Test
    void retainSaidAfterTheDeletion() throws IOException {
        // given
        ready("retained", INLINE.formatted(", options: {protect: true}"));
        stacks.delete("retained");
        awaitStalled("retained", Reason.ProtectedResources);

        // when
        stacks.patch("retained", "{\"spec\": {\"deletionPolicy\": \"Retain\"}}");

        // then
        stacks.awaitGone("retained");
        assertThat(state("retained")).exists();
        assertThat(stacks.secret("retained-passphrase")).containsKey("passphrase");
    }

    @Test
    void aSuspendedStackIsDestroyedAllTheSame() {
        // given
        ready("asleep", TWO);
        stacks.patch("asleep", "{\"spec\": {\"suspend\": true}}");
        stacks.awaitReady("asleep");

        // when
        stacks.delete("asleep");

        // then
        stacks.awaitGone("asleep");
        assertThat(state("asleep")).doesNotExist();
    }

    private static void ready(String name, String spec) {
        stacks.create(name, spec);
        stacks.awaitReady(name);
    }

    /** A passphrase that a person knows too. */
    private static String passphrase(String name) {
        stacks.putSecret(name + "-known", Map.of("passphrase", "known to both"));
        return "secretsProvider: {passphrase: {secretKeyRef: {name: " + name + "-known, key: passphrase}}}\n";
    }

    private static Cli bare(String name) {
        return Cli.in(folder.resolve(name + "-cli"), operator.state(), "known to both");
    }

    private static Path state(String name) {
        return operator.state().resolve(".pulumi/stacks/deletion/" + name + ".json");
    }

    private static Condition awaitStalled(String name, Reason reason) {
        patiently()
                .untilAsserted(() -> assertThat(stacks.status(name).condition(Condition.STALLED))
                        .as("%s", stacks.status(name))
                        .hasValueSatisfying(
                                stalled -> assertThat(stalled.reason()).isEqualTo(reason.name())));
        assertThat(stacks.status(name).condition(Condition.RECONCILING)).isEmpty();
        return stacks.status(name).condition(Condition.STALLED).orElseThrow();
    }

    private static Condition awaitDeleting(String name, Reason why) {
        patiently().untilAsserted(() -> {
            assertThat(stacks.status(name)
                            .condition(Condition.READY)
                            .orElseThrow()
                            .reason())
                    .isEqualTo(Reason.Deleting.name());
            assertThat(stacks.status(name).condition(Condition.RECONCILING))
                    .hasValueSatisfying(
                            reconciling -> assertThat(reconciling.reason()).isEqualTo(why.name()));
        });
        return stacks.status(name).condition(Condition.READY).orElseThrow();
    }

    private static void assertNamesLastResort(String name, Condition condition) {
        assertThat(condition.message())
                .contains("stackwright.io/abandon="
                        + stacks.get(name).getMetadata().getUid());
    }

    private static void assertKept(String name) {
        throughout().untilAsserted(() -> {
            assertThat(stacks.get(name).getMetadata().getFinalizers()).contains(StackReconciler.FINALIZER);
            assertThat(state(name)).exists();
        });
    }

    /** Takes a Secret away in spite of its finalizer; answers with what was in it. */
    private static Map<String, String> removeByForce(String secret) {
        Map<String, String> data = stacks.secret(secret);
        stacks.deleteSecret(secret);
        operator.client()
                .secrets()
                .inNamespace(operator.namespace())
                .withName(secret)
                .edit(edited -> {
                    edited.getMetadata().setFinalizers(null);
                    return edited;
                });
        patiently().until(() -> stacks.secret(secret) == null);
        return data;
    }
}
