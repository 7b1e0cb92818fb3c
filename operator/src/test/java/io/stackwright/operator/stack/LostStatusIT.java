package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.operator.execution.runner.RunStatusWriter;
import io.stackwright.operator.execution.runner.StateGuard;
import io.stackwright.operator.update.Updates;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was known of a Stack is lost, in part or as a whole; the Pulumi stack is as it was. */
@Timeout(240)
@Tag("both-modes-long")
class LostStatusIT {

    private static final String SPEC = """
        project:
          inline:
            name: lost
            runtime: yaml
            config: {word: {type: string}}
            resources: {kept: {type: "pulumi:index:Stash", properties: {input: "${word}"}}}
            outputs: {word: "${kept.input}"}
        configFrom: [{key: word, configMapKeyRef: {name: words, key: %s}}]
        """;

    @TempDir
    private Path folder;

    private RecordedPulumi pulumi;
    private RunningOperator operator;
    private Stacks stacks;

    @BeforeEach
    void start() {
        pulumi = RecordedPulumi.in(folder);
        operator = RunningOperator.start(folder.resolve("data"), pulumi.command(), RunningOperator.environment());
        stacks = new Stacks(operator);
        stacks.putConfigMap("words", Map.of("one", "first", "two", "first"));
        stacks.create("one", SPEC.formatted("one"));
        stacks.awaitReady("one");
    }

    @AfterEach
    void stop() {
        pulumi.release();
        operator.close();
    }

    @Test
    void aLostFingerprintKeyIsAnsweredByPreviews() {
        // given
        stacks.create("two", SPEC.formatted("two"));
        stacks.awaitReady("two");
        operator.stop();
        StackStatus before = stacks.status("one");
        Map<Path, FileTime> backend = backendOf("one");
        List<String> commands = pulumi.commands("one");

        // when the key is lost, and one value has changed meanwhile
        stacks.deleteSecret("stackwright-installation");
        stacks.putConfigMap("words", Map.of("one", "first", "two", "second"));
        operator.start();

        // then the one that is as it was is adopted, without an up, a lock, or a change of its state
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("one").applied().keyId())
                        .isNotEqualTo(before.applied().keyId()));
        StackStatus after = stacks.status("one");
        assertThat(after.applied().update()).isEqualTo(before.applied().update());
        assertThat(after.condition(Condition.READY).orElseThrow().lastTransitionTime())
                .isEqualTo(before.condition(Condition.READY).orElseThrow().lastTransitionTime());
        assertThat(backendOf("one")).isEqualTo(backend);
        assertThat(pulumi.commands("one")
                        .subList(commands.size(), pulumi.commands("one").size()))
                .containsExactly("preview");
        Update look = stacks.awaitPhase("one-2", Phase.Succeeded);
        assertThat(look.getSpec().operation()).isEqualTo(Operation.Preview);
        assertThat(look.getSpec().cause()).isEqualTo(Cause.Verify);

        // and the one that has changed is brought up
        patiently()
                .untilAsserted(() -> assertThat(
                                stacks.status("two").outputs().get("word").asText())
                        .isEqualTo("second"));
        stacks.awaitReady("two");
        assertThat(stacks.updates("two"))
                .extracting(update -> update.getSpec().cause())
                .containsExactly(Cause.FirstRun, Cause.Verify, Cause.InputsChanged);
        throughout().until(() -> stacks.updates("one").size() == 2);
    }

    /** With Jobs it is the image that counts. */
    @Tag("embedded-only")
    @Test
    void anotherPulumiIsAnsweredByAPreview() {
        // given
        Path newer = RecordingCli.script(folder.resolve("newer-pulumi"), """
            #!/bin/sh
            [ "$1" = version ] && echo v3.999.0 && exit 0
            exec '%s' "$@"
            """.formatted(Toolchain.pulumi()));
        assertThat(stacks.status("one").applied().pulumiVersion()).isNotBlank();
        Map<Path, FileTime> backend = backendOf("one");

        // when
        operator.restart(RunningOperator.pulumi(newer.toString()));

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("one").applied().pulumiVersion())
                        .isEqualTo("3.999.0"));
        assertThat(stacks.updates("one"))
                .extracting(update -> update.getSpec().cause())
                .containsExactly(Cause.FirstRun, Cause.Verify);
        assertThat(backendOf("one")).isEqualTo(backend);
    }

    /** In a Job it takes one attempt more: only the operator knows that the owner whose mark is met is gone. */
    @Tag("embedded-only")
    @Test
    void aStackRestoredWithoutStatusTakesItsPulumiStackAndNothingOfItsHistory() {
        // given: a finished Update, and one that was restored without status, of the Stack as it was
        operator.stop();
        Stack former = stacks.get("one");
        Update finished = stacks.update("one-1");
        Update open = open(former, "one-7");
        forceOut("one");
        String state = read(stateOf("one"));

        // when
        stacks.create("one", SPEC.formatted("one"));
        operator.start();

        // then one up runs, which changes nothing
        Stack restored = stacks.awaitReady("one");
        assertThat(restored.getStatus().stack().adopted()).isFalse();
        assertThat(restored.getStatus().outputs().get("word").asText()).isEqualTo("first");
        List<Update> own = stacks.updates("one").stream()
                .filter(update -> Updates.isOwnedBy(update, restored))
                .toList();
        assertThat(own).singleElement().satisfies(update -> {
            assertThat(update.getMetadata().getName()).isEqualTo("one-8");
            assertThat(update.getStatus().run().changes().same()).isEqualTo(1);
            assertThat(update.getStatus().run().changes().create()).isZero();
        });
        assertThat(read(stateOf("one"))).contains("first").hasSizeBetween(state.length() - 200, state.length() + 200);

        // and what was left of the former one is let go, or as it was
        Update closed = stacks.awaitPhase(open.getMetadata().getName(), Phase.Superseded);
        patiently()
                .until(() ->
                        stacks.update("one-7").getMetadata().getFinalizers().isEmpty());
        assertThat(closed.getStatus().run()).isNull();
        assertThat(stacks.update("one-1").getMetadata().getResourceVersion())
                .isEqualTo(finished.getMetadata().getResourceVersion());
        assertThat(stacks.secret("one-outputs")).containsEntry("word", "first");
    }

    /** In a Job it takes one attempt more: only the operator knows that the owner whose mark is met is gone. */
    @Tag("embedded-only")
    @Test
    void aStackThatIsReCreatedWhileARunOfTheFormerOneMayLiveWaitsForItsEnd() {
        // given: the former one was forced out while another operator ran it
        operator.stop();
        Stack former = stacks.get("one");
        Update open = open(former, "one-7");
        runReports(open, null);
        forceOut("one");

        // when
        stacks.create("one", SPEC.formatted("one"));
        operator.start();

        // then
        assertThat(stacks.awaitInProgress("one", Reason.Interrupted).message()).contains("elsewhere");
        throughout().until(() -> stacks.updates("one").size() == 2);

        // when that run has ended
        runReports(open, RunStatus.Result.Succeeded);

        // then
        stacks.awaitReady("one");
        assertThat(stacks.status("one").applied().update()).isEqualTo("one-8");
        assertThat(stacks.update("one-8").getStatus().run().changes().create()).isZero();
        stacks.awaitPhase("one-7", Phase.Succeeded);
    }

    /** From a backup that has neither: the Secret with its salt tells that there was a Pulumi stack. */
    @Tag("embedded-only")
    @Test
    void aStackRestoredWithoutStatusMakesNothingAnewInABackendThatIs() throws IOException {
        // given
        operator.stop();
        forceOut("one");
        Files.move(operator.state(), folder.resolve("away"));
        Files.createDirectories(operator.state());

        // when
        stacks.create("one", SPEC.formatted("one"));
        operator.start();

        // then
        patiently()
                .failFast(() -> Files.exists(stateOf("one")))
                .until(() ->
                        stacks.status("one") != null && stacks.status("one").failures() != null);
        assertThat(stacks.awaitStalled("one", Reason.StateMissing).message())
                .contains("organization/lost/one is not in its backend", "Secret one-passphrase", "Restore");
        assertThat(stateOf("one")).doesNotExist();

        // when a person says that all is gone
        StackStatus.FailureStatus loss = stacks.status("one").failures();
        String uid = stacks.get("one").getMetadata().getUid();
        assertThat(loss.message()).contains(Requests.RECREATE + "=" + StateGuard.loss(loss.update(), uid));
        stacks.annotate("one", Requests.RECREATE, StateGuard.loss(loss.update(), uid));

        // then
        Stack anew = stacks.awaitReady("one");
        assertThat(stacks.update(anew.getStatus().applied().update())
                        .getStatus()
                        .run()
                        .changes()
                        .create())
                .isEqualTo(1);
        assertThat(stateOf("one")).exists();
    }

    @Test
    void aStackThatIsReCreatedAsSoonAsItIsGoneIsANewOne() {
        // when
        stacks.delete("one");
        patiently().ignoreExceptions().until(() -> stacks.create("one", SPEC.formatted("two")) != null);

        // then
        Stack again = stacks.awaitReady("one");
        assertThat(again.getStatus().stack().adopted()).isFalse();
        Update first = stacks.update(again.getStatus().applied().update());
        assertThat(first.getStatus().run().changes().create()).isEqualTo(1);
        assertThat(stacks.secret("one-outputs")).containsEntry("word", "first");
    }

    @Tag("both-modes")
    @Test
    void aStatusThatIsWipedIsMadeAgain() {
        // given
        operator.stop();
        wipe("one");

        // when
        operator.start();

        // then
        Stack stack = stacks.awaitReady("one");
        assertThat(stack.getStatus().applied().update()).isEqualTo("one-2");
        assertThat(stacks.update("one-2").getStatus().run().changes().create()).isZero();
        throughout().until(() -> stacks.updates("one").size() == 2);
    }

    @Test
    void anInstallationThatLostItsSecretTakesNothingUntilAPersonSaysSo() {
        // given that neither the Stack nor the operator knows what was
        operator.stop();
        wipe("one");
        stacks.deleteSecret("stackwright-installation");
        String state = read(stateOf("one"));

        // when
        operator.start();

        // then the mark is somebody else's
        assertThat(stacks.awaitStalled("one", Reason.IdentityClaimed).message())
                .contains("stackwright:owner", "pulumi stack tag rm");
        assertThat(read(stateOf("one"))).isEqualTo(state);
        assertThat(pulumi.commands("one").stream().filter("up"::equals)).hasSize(1);

        // when
        Cli cli = Cli.in(
                folder.resolve("cli"),
                operator.state(),
                stacks.secret("one-passphrase").get("passphrase"));
        cli.run("stack", "tag", "rm", "stackwright:owner", "-s", "organization/lost/one");
        stacks.annotate("one", Requests.RECONCILE, "1");

        // then it is taken as it is, and kept when the Stack goes, unless its spec says otherwise
        Stack taken = stacks.awaitReady("one");
        assertThat(taken.getStatus().stack().adopted()).isTrue();
        assertThat(stacks.updates("one").getLast().getStatus().run().changes().create())
                .isZero();
        stacks.delete("one");
        stacks.awaitGone("one");
        assertThat(stateOf("one")).exists();
    }

    /** As a backup tool or an impatient person does: no finalizer is waited for, and there is no garbage collector. */
    @Test
    void aRunThatNobodyHereCanSeeEndsWithAPersonsWord() {
        // given a run of an operator on another host, with another data directory
        operator.stop();
        Update lost = open(stacks.get("one"), "one-2");
        runReports(lost, null);
        String uid = lost.getMetadata().getUid();
        stacks.putConfigMap("words", Map.of("one", "second"));

        // when
        operator.start();

        // then the Stack waits, and says for what
        assertThat(stacks.awaitInProgress("one", Reason.Interrupted).message())
                .contains("elsewhere", "another data directory")
                .contains("kubectl annotate stack -n " + operator.namespace()
                        + " one --overwrite stackwright.io/unlock=" + uid);

        // and a word about a run of that name, which may have been another Stack's, changes nothing
        int commands = pulumi.commands("one").size();
        stacks.annotate("one", Requests.UNLOCK, "one-2");
        throughout()
                .until(() -> pulumi.commands("one").size() == commands
                        && stacks.status("one")
                                .condition(Condition.READY)
                                .orElseThrow()
                                .reason()
                                .equals(Reason.Interrupted.name()));

        // when
        stacks.annotate("one", Requests.UNLOCK, uid);

        // then it goes on
        stacks.awaitPhase("one-2", Phase.Interrupted);
        patiently()
                .untilAsserted(() -> assertThat(
                                stacks.status("one").outputs().get("word").asText())
                        .isEqualTo("second"));
        stacks.awaitReady("one");
        assertThat(stacks.status("one").handled()).containsEntry(Requests.UNLOCK, uid);
    }

    private void wipe(String name) {
        operator.client()
                .resources(Stack.class)
                .inNamespace(operator.namespace())
                .withName(name)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON), "[{\"op\": \"remove\", \"path\": \"/status\"}]");
    }

    private void forceOut(String name) {
        stacks.patch(name, "{\"metadata\": {\"finalizers\": []}}");
        stacks.delete(name);
        patiently().until(() -> {
            Stack left = stacks.get(name);
            if (left == null) {
                return true;
            }
            stacks.patch(name, "{\"metadata\": {\"finalizers\": []}}");
            return false;
        });
    }

    private Update open(Stack owner, String name) {
        Update update = new Update();
        update.getMetadata().setName(name);
        update.getMetadata().setNamespace(operator.namespace());
        update.getMetadata().setFinalizers(List.of(Updates.FINALIZER));
        OwnerReference reference = new OwnerReference();
        reference.setApiVersion(owner.getApiVersion());
        reference.setKind(owner.getKind());
        reference.setName(owner.getMetadata().getName());
        reference.setUid(owner.getMetadata().getUid());
        update.getMetadata().setOwnerReferences(List.of(reference));
        update.setSpec(new UpdateSpec("one", Operation.Up, Cause.SpecChanged, "r", "f", null));
        return operator.client().resource(update).create();
    }

    private void runReports(Update update, RunStatus.Result result) {
        ExecutorStatus elsewhere = new ExecutorStatus("elsewhere-1", "elsewhere", 1L, "data");
        Update fresh = new Update();
        fresh.getMetadata().setName(update.getMetadata().getName());
        fresh.getMetadata().setNamespace(update.getMetadata().getNamespace());
        RunStatus run = new RunStatus(elsewhere, null, null, null, null, null, result, null, null);
        fresh.setStatus(new UpdateStatus(null, null, null, null, null, null, run));
        operator.client()
                .resource(fresh)
                .subresource("status")
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager(RunStatusWriter.FIELD_MANAGER)
                        .withForce(true)
                        .build());
    }

    private Path stateOf(String stack) {
        return operator.state().resolve(".pulumi/stacks/lost/" + stack + ".json");
    }

    /** All files of the backend that are about the stack, with the time of their last change. */
    private Map<Path, FileTime> backendOf(String stack) {
        Map<Path, FileTime> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(operator.state())) {
            for (Path file :
                    all.filter(file -> file.toString().contains("/" + stack)).toList()) {
                files.put(file, Files.getLastModifiedTime(file));
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
