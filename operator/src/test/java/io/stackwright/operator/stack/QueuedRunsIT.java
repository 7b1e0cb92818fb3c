package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.settings.OperatorSettings;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What waits for the only worker when the operator stops is done by the next one, once. */
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
        stacks = new Stacks(operator.client(), operator.namespace());
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

    private void restart() {
        operator.close();
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
