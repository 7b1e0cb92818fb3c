package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.execution.runner.StateGuard;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.testkit.GitServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What waits for the only worker when the operator stops is done by the next one, once. */
@Tag("both-modes-long")
class QueuedRunsIT {

    private static final String HELLO = """
        project:
          inline:
            name: queued
            runtime: yaml
            config: {greeting: {type: string, default: hi}}
            outputs: {out: "${greeting}"}
        updates: {retry: {initial: 1s, max: 2s}}
        """;

    @TempDir
    private Path folder;

    private RecordedPulumi pulumi;
    private RunningOperator operator;
    private Stacks stacks;

    @BeforeEach
    void aBusyOperatorWithOneWorker() {
        pulumi = RecordedPulumi.in(folder);
        operator = RunningOperator.start(folder.resolve("data"), this::oneWorker);
        stacks = new Stacks(operator);
        stacks.create("calm", HELLO);
        stacks.create("busy", HELLO);
        stacks.awaitReady("calm");
        stacks.awaitReady("busy");
        pulumi.hold();
        stacks.patch("busy", "{\"spec\": {\"config\": {\"greeting\": \"hello\"}}}");
        stacks.awaitPhase("busy-2", Phase.Running);
    }

    @AfterEach
    void stop() {
        pulumi.release();
        operator.close();
    }

    @Test
    void aPersonsUpdateThatWaitedIsRun() {
        // given
        stacks.createUpdate("look", "{stack: calm, operation: Preview}");
        patiently().untilAsserted(() -> {
            assertThat(stacks.status("calm").current()).isNotNull();
            assertThat(stacks.status("calm").current().update()).isEqualTo("look");
        });

        // when
        restart();

        // then
        stacks.awaitPhase("look", Phase.Succeeded);
        stacks.awaitReady("busy");
        assertThat(pulumi.commands("calm").stream().filter("preview"::equals)).hasSize(1);
        assertThat(stacks.updates("calm"))
                .extracting(update -> update.getSpec().operation())
                .containsExactly(Operation.Up, Operation.Preview);
    }

    @Test
    void aRequestThatWaitedIsAnsweredOnce() {
        // given
        stacks.annotate("calm", Requests.RECONCILE, "now");
        patiently()
                .untilAsserted(
                        () -> assertThat(stacks.status("calm").handled()).containsEntry(Requests.RECONCILE, "now"));
        assertThat(stacks.status("calm").current().update()).isEqualTo("calm-2");

        // when
        restart();

        // then
        stacks.awaitPhase("calm-2", Phase.Succeeded);
        stacks.awaitReady("calm");
        stacks.awaitReady("busy");
        assertThat(stacks.updates("calm"))
                .extracting(update -> update.getSpec().cause())
                .isEqualTo(List.of(Cause.FirstRun, Cause.Requested));
        assertThat(pulumi.commands("calm").stream().filter("up"::equals)).hasSize(2);
    }

    /** Of a source that has to be asked nothing is known when the operator looks first. */
    @Test
    void aRequestThatWaitedIsAnsweredOfAStackFromGitToo() {
        try (GitServer git = GitServer.start()) {
            // given a Stack that stalls, as a person has stopped its run
            pulumi.release();
            new Scenario(operator).trust(git, "git-ca");
            git.create("queued").commit(Map.of("Pulumi.yaml", "name: queued\nruntime: yaml\n"));
            stacks.create(
                    "followed",
                    "project: {git: {url: %s, branch: main, secretRef: {name: git-ca}}}".formatted(git.url("queued")));
            stacks.awaitReady("followed");
            stacks.awaitReady("busy");
            keepBusy("good day");
            stacks.annotate("followed", Requests.RECONCILE, "now");
            patiently().until(() -> stacks.update("followed-2") != null);
            stacks.cancel("followed-2");
            stacks.awaitStalled("followed", Reason.Cancelled);
            stacks.annotate("followed", Requests.RECONCILE, "again");
            patiently().until(() -> stacks.update("followed-3") != null);

            // when
            restart();

            // then
            stacks.awaitPhase("followed-3", Phase.Succeeded);
            stacks.awaitReady("followed");
            stacks.awaitReady("busy");

            // given one that is well
            keepBusy("good night");
            stacks.annotate("followed", Requests.RECONCILE, "once more");
            patiently().until(() -> stacks.update("followed-4") != null);

            // when
            restart();

            // then
            stacks.awaitPhase("followed-4", Phase.Succeeded);
            stacks.awaitReady("followed");
        }
    }

    /** The Update of a destroy does not say that it was asked for. */
    @Test
    void aDestroyThatWasAskedForAndWaitedIsDone() {
        // given a deletion that stalls, as a person has stopped it
        stacks.delete("calm");
        patiently().until(() -> stacks.update("calm-2") != null);
        stacks.cancel("calm-2");
        stacks.awaitPhase("calm-2", Phase.Cancelled);
        patiently().until(() -> stacks.status("calm").failures() != null);
        stacks.annotate("calm", Requests.RECONCILE, "now");
        patiently()
                .untilAsserted(
                        () -> assertThat(stacks.status("calm").handled()).containsEntry(Requests.RECONCILE, "now"));
        assertThat(stacks.status("calm").current().update()).isEqualTo("calm-3");

        // when
        restart();

        // then
        stacks.awaitGone("calm");
        assertThat(pulumi.commands("calm").stream().filter("destroy"::equals)).hasSize(1);
    }

    /** The word names what the run before has found missing, and the one that takes it up is the first to use it. */
    @Test
    void theWordToCreateAllAnewIsKeptForTheRunThatWaited() throws IOException {
        // given a lost state
        pulumi.release();
        stacks.awaitReady("busy");
        Files.delete(operator.state().resolve(".pulumi/stacks/queued/calm.json"));
        stacks.annotate("calm", Requests.RECONCILE, "now");
        stacks.awaitStalled("calm", Reason.StateMissing);
        pulumi.hold();
        greet("busy", "good day");
        stacks.awaitPhase("busy-3", Phase.Running);
        String loss = StateGuard.loss("calm-2", stacks.get("calm").getMetadata().getUid());
        stacks.annotate("calm", Requests.RECREATE, loss);
        patiently()
                .untilAsserted(
                        () -> assertThat(stacks.status("calm").handled()).containsEntry(Requests.RECREATE, loss));

        // when
        restart();

        // then
        stacks.awaitPhase("calm-3", Phase.Succeeded);
        stacks.awaitReady("calm");
        assertThat(operator.state().resolve(".pulumi/stacks/queued/calm.json")).exists();
    }

    @Test
    void anUpdateThatIsCancelledWhileItWaitsIsNotRun() {
        // given
        stacks.createUpdate("look", "{stack: calm, operation: Preview}");
        patiently()
                .untilAsserted(() ->
                        assertThat(stacks.status("calm").current().update()).isEqualTo("look"));
        stacks.createUpdate("later", "{stack: calm, operation: Refresh}");
        stacks.awaitPhase("later", Phase.Queued);

        // when
        stacks.cancel("look");
        stacks.cancel("later");

        // then
        assertThat(stacks.awaitPhase("look", Phase.Cancelled)
                        .getStatus()
                        .failure()
                        .message())
                .contains("before it started");
        stacks.awaitPhase("later", Phase.Cancelled);
        stacks.awaitReady("calm");
        assertThat(stacks.status("calm").failures()).isNull();
        assertThat(pulumi.commands("calm")).doesNotContain("preview", "refresh");

        // when it is one of the operator's own
        greet("calm", "hello");
        patiently().until(() -> stacks.update("calm-2") != null);
        stacks.cancel("calm-2");

        // then
        stacks.awaitPhase("calm-2", Phase.Cancelled);
        stacks.awaitStalled("calm", Reason.Cancelled);

        // when
        restart();

        // then it stays so, until something changes
        stacks.awaitReady("busy");
        stacks.awaitStalled("calm", Reason.Cancelled);
        assertThat(pulumi.commands("calm").stream().filter("up"::equals)).hasSize(1);
        greet("calm", "good day");
        stacks.awaitReady("calm");
    }

    /** One that had begun would be followed by an up of the Stack. */
    @Test
    void aTargetedUpThatIsCancelledWhileItWaitsIsFollowedByNothing() {
        // given
        stacks.createUpdate(
                "part",
                "{stack: calm, operation: Up, targets: [\"urn:pulumi:calm::queued::pulumi:index:Stash::one\"]}");
        patiently().untilAsserted(() -> {
            assertThat(stacks.status("calm").current()).isNotNull();
            assertThat(stacks.status("calm").current().update()).isEqualTo("part");
        });

        // when
        stacks.cancel("part");

        // then
        stacks.awaitPhase("part", Phase.Cancelled);
        pulumi.release();
        stacks.awaitReady("busy");
        throughout().until(() -> stacks.updates("calm").size() == 2);
        stacks.awaitReady("calm");
    }

    @Test
    void aCancelOfWhatWaitedIsKeptAcrossARestart() {
        // given
        greet("calm", "hello");
        patiently().until(() -> stacks.update("calm-2") != null);
        operator.stop();

        // when
        stacks.cancel("calm-2");
        pulumi.release();
        operator.start();

        // then
        stacks.awaitPhase("calm-2", Phase.Cancelled);
        stacks.awaitStalled("calm", Reason.Cancelled);
        assertThat(pulumi.commands("calm").stream().filter("up"::equals)).hasSize(1);
    }

    @Test
    void whatWaitsAndIsNoLongerWantedIsSuperseded() {
        // given
        stacks.patch("calm", "{\"spec\": {\"updates\": {\"onSpecChangeWhileRunning\": \"Cancel\"}}}");
        greet("calm", "hello");
        patiently().until(() -> stacks.update("calm-2") != null);

        // when
        greet("calm", "good day");

        // then
        assertThat(stacks.awaitPhase("calm-2", Phase.Superseded).getStatus().conditions())
                .anySatisfy(condition -> assertThat(condition.message()).contains("no longer what is wanted"));
        patiently().until(() -> stacks.update("calm-3") != null);
        pulumi.release();
        stacks.awaitReady("calm");
        assertThat(stacks.status("calm").outputs().get("out")).hasToString("\"good day\"");
        assertThat(stacks.status("calm").failures()).isNull();
        assertThat(pulumi.commands("calm").stream().filter("up"::equals)).hasSize(2);
    }

    @Tag("both-modes")
    @Test
    void whatWaitsDoesNotStartOnceItsStackIsSuspended() {
        // given
        greet("calm", "hello");
        patiently().until(() -> stacks.update("calm-2") != null);

        // when
        stacks.patch("calm", "{\"spec\": {\"suspend\": true}}");

        // then
        stacks.awaitPhase("calm-2", Phase.Superseded);
        pulumi.release();
        stacks.awaitReady("busy");
        throughout()
                .untilAsserted(() -> assertThat(stacks.status("calm").condition("Ready"))
                        .get()
                        .satisfies(ready -> assertThat(ready.reason()).isEqualTo("Suspended")));
        assertThat(pulumi.commands("calm").stream().filter("up"::equals)).hasSize(1);

        // when
        stacks.patch("calm", "{\"spec\": {\"suspend\": false}}");

        // then
        stacks.awaitReady("calm");
        assertThat(stacks.status("calm").outputs().get("out")).hasToString("\"hello\"");
    }

    /** Nothing of it has run, so that nothing of what is applied is in doubt. */
    @Test
    void aRequestThatWaitsIsOneStillOnceItsStackIsSuspended() {
        // given
        stacks.annotate("calm", Requests.RECONCILE, "now");
        patiently().until(() -> stacks.update("calm-2") != null);

        // when
        stacks.patch("calm", "{\"spec\": {\"suspend\": true}}");

        // then
        stacks.awaitPhase("calm-2", Phase.Superseded);
        stacks.awaitReady("calm");
        pulumi.release();
        stacks.awaitReady("busy");
        assertThat(pulumi.commands("calm").stream().filter("up"::equals)).hasSize(1);

        // when
        stacks.patch("calm", "{\"spec\": {\"suspend\": false}}");

        // then
        stacks.awaitPhase("calm-3", Phase.Succeeded);
        assertThat(stacks.update("calm-3").getSpec().cause()).isEqualTo(Cause.Requested);
        stacks.awaitReady("calm");
        assertThat(stacks.status("calm").handled()).containsEntry(Requests.RECONCILE, "now");
    }

    @Test
    void aPersonsUpdateThatWaitsMayBeDeleted() {
        // given
        stacks.createUpdate("look", "{stack: calm, operation: Preview}");
        patiently().untilAsserted(() -> {
            assertThat(stacks.status("calm").current()).isNotNull();
            assertThat(stacks.status("calm").current().update()).isEqualTo("look");
        });

        // when
        operator.client()
                .resources(Update.class)
                .inNamespace(operator.namespace())
                .withName("look")
                .delete();

        // then
        patiently().until(() -> stacks.update("look") == null);
        pulumi.release();
        stacks.awaitReady("busy");
        stacks.awaitReady("calm");
        throughout().until(() -> !pulumi.commands("calm").contains("preview"));
    }

    /** It would bring the mistake up before what puts it right. */
    @Test
    void aMistakeThatIsPutRightWhileItWaitsIsNotApplied() {
        // given
        greet("calm", "a mistake");
        patiently().until(() -> stacks.update("calm-2") != null);

        // when
        stacks.patch("calm", "{\"spec\": {\"config\": null}}");

        // then
        stacks.awaitPhase("calm-2", Phase.Superseded);
        pulumi.release();
        stacks.awaitReady("calm");
        assertThat(stacks.status("calm").outputs().get("out")).hasToString("\"hi\"");
        assertThat(pulumi.commands("calm").stream().filter("up"::equals)).hasSize(1);
    }

    @Test
    void aPersonsUpdateThatWaitsIsRunWithTheSpecAsItIsThen() {
        // given
        stacks.createUpdate("look", "{stack: calm, operation: Preview}");
        patiently().untilAsserted(() -> {
            assertThat(stacks.status("calm").current()).isNotNull();
            assertThat(stacks.status("calm").current().update()).isEqualTo("look");
        });

        // when
        greet("calm", "hello");

        // then
        patiently().until(() -> stacks.update("calm-2") != null);
        pulumi.release();
        stacks.awaitPhase("look", Phase.Succeeded);
        stacks.awaitReady("calm");
        assertThat(pulumi.commands("calm").stream()
                        .filter(command -> command.equals("up") || command.equals("preview")))
                .containsExactly("up", "up", "preview");
    }

    /** Nothing has run with it, so it may be corrected; and it takes nothing from whoever has it. */
    @Test
    void anIdentityThatNothingHasRunWithYetBindsNobody() {
        // given
        for (String stack : List.of("corrected", "restarted")) {
            stacks.create(stack, HELLO + "backend: {url: \"file:///nowhere/at/all\"}\n");
            patiently()
                    .until(() ->
                            stacks.status(stack) != null && stacks.status(stack).stack() != null);
        }

        // when one is corrected at once, and one when the operator has gone
        stacks.patch("corrected", "{\"spec\": {\"backend\": null}}");
        patiently().until(() -> !stacks.status("corrected").stack().backend().contains("nowhere"));
        operator.stop();
        stacks.patch("restarted", "{\"spec\": {\"backend\": null}}");
        pulumi.release();
        operator.start();

        // then
        for (String stack : List.of("corrected", "restarted")) {
            stacks.awaitReady(stack);
            assertThat(stacks.status(stack).stack().backend()).doesNotContain("nowhere");
        }
    }

    /** What is taken out of the operator's hands, and out of the cluster, must not pile up in its memory. */
    @Test
    void whatSomebodyTakesAwayLeavesTheQueue() {
        // given
        greet("calm", "hello");
        patiently().until(() -> stacks.update("calm-2") != null);

        // when
        takeAway(Update.class, "calm-2");

        // then
        patiently().until(() -> stacks.update("calm-3") != null);
        patiently().until(() -> waiting() == 1);

        // when
        takeAway(Stack.class, "calm");
        stacks.updates("calm")
                .forEach(update -> takeAway(Update.class, update.getMetadata().getName()));

        // then
        patiently().until(() -> waiting() == 0);
    }

    private double waiting() {
        return Scrape.of(operator).value("stackwright_queue_depth", Map.of());
    }

    /** By force. */
    private <T extends HasMetadata> void takeAway(Class<T> type, String name) {
        var object = operator.client()
                .resources(type)
                .inNamespace(operator.namespace())
                .withName(name);
        object.delete();
        patiently().until(() -> {
            if (object.get() != null) {
                object.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": null}}");
            }
            return object.get() == null;
        });
    }

    @Test
    void theTimeoutIsCountedFromTheStartOfTheCli() {
        // given
        stacks.patch("calm", "{\"spec\": {\"updates\": {\"timeout\": \"20s\"}}}");
        greet("calm", "hello");
        patiently().until(() -> stacks.update("calm-2") != null);

        // when it has waited longer than the timeout
        Instant created = Instant.parse(stacks.update("calm-2").getMetadata().getCreationTimestamp());
        patiently().until(() -> Instant.now().isAfter(created.plusSeconds(21)));
        pulumi.release();

        // then
        stacks.awaitPhase("calm-2", Phase.Succeeded);
        stacks.awaitReady("calm");
    }

    private void keepBusy(String greeting) {
        pulumi.hold();
        greet("busy", greeting);
        patiently().until(() -> stacks.status("busy").current() != null);
        stacks.awaitPhase(stacks.status("busy").current().update(), Phase.Running);
    }

    private void greet(String name, String greeting) {
        stacks.patch(name, "{\"spec\": {\"config\": {\"greeting\": \"" + greeting + "\"}}}");
    }

    private void restart() {
        operator.stop();
        pulumi.release();
        operator.start();
    }

    private OperatorSettings oneWorker(OperatorSettings s) {
        return new OperatorSettings(
                s.dataDirectory(),
                s.operatorNamespace(),
                s.watchNamespaces(),
                s.backendUrl(),
                1,
                pulumi.command(),
                s.httpPort(),
                s.sourceAllowedHosts(),
                s.sourceMaxBytes(),
                s.sourceTimeout(),
                s.shutdownGrace(),
                s.logFormat(),
                s.logLevel());
    }
}
