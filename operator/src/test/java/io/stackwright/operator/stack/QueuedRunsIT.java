package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.execution.runner.StateGuard;
import io.stackwright.operator.settings.OperatorSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
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
        assertThat(stacks.awaitPhase("calm-2", Phase.Superseded)
                        .getStatus()
                        .failure()
                        .message())
                .contains("no longer what is wanted");
        patiently().until(() -> stacks.update("calm-3") != null);
        pulumi.release();
        stacks.awaitReady("calm");
        assertThat(stacks.status("calm").outputs().get("out")).hasToString("\"good day\"");
        assertThat(stacks.status("calm").failures()).isNull();
        assertThat(pulumi.commands("calm").stream().filter("up"::equals)).hasSize(2);
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
