package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A bare CLI of somebody else dies in the middle of a create: what it may have made stops an up and a destroy alike. */
@Timeout(600)
class TheirCrashIT {

    @TempDir
    private Path folder;

    @Test
    void whatItMayHaveCreatedStopsAnUpAndADestroyUntilAPersonSaysWhatBecameOfIt() throws Exception {
        // given
        Map<String, String> environment = PythonPulumi.on(RunningOperator.environment());
        Map<String, String> program = Scenario.program("python-ledger");
        program.remove("lib/titles.py");
        program.put(
                "__main__.py", program.get("__main__.py").replace("from lib.titles import title", "title = str.upper"));
        try (RunningOperator operator = RunningOperator.start(
                        folder.resolve("data"), Toolchain.pulumi().toString(), environment);
                TheirCli theirs = TheirCli.start(folder, operator.state(), environment.get("PATH"), program)) {
            Stacks stacks = new Stacks(operator);
            stacks.putConfigMap("ledger", program);
            stacks.putSecret("theirs", TheirCli.SECRET);
            theirs.kill();

            // when
            stacks.create(TheirCli.STACK, """
                project: {configMap: {name: ledger}, install: Never}
                config: {ledger: "%s", items: "a=1", seconds: "0"}
                deletionPolicy: Destroy
                %s
                """.formatted(folder.resolve(TheirCli.STACK), TheirCli.PASSPHRASE_OF_SECRET));
            stacks.awaitInProgress(TheirCli.STACK, Reason.Locked);
            String lock = theirs.lock().getFileName().toString().replace(".json", "");
            stacks.annotate(TheirCli.STACK, "stackwright.io/unlock", lock);

            // then
            assertThat(stacks.awaitStalled(TheirCli.STACK, Reason.PendingCreates)
                            .message())
                    .contains("::a", "clearPendingCreates", "importPendingCreates");

            // when
            stacks.delete(TheirCli.STACK);

            // then
            Stacks.patiently().untilAsserted(() -> {
                assertThat(stacks.updates(TheirCli.STACK).getLast())
                        .returns(Operation.Destroy, update -> update.getSpec().operation())
                        .returns(Phase.Failed, update -> update.getStatus().phase());
                assertThat(stacks.status(TheirCli.STACK).condition(Condition.STALLED))
                        .hasValueSatisfying(stalled -> assertThat(stalled)
                                .returns(Reason.PendingCreates.name(), Condition::reason)
                                .satisfies(is -> assertThat(is.message()).contains("::a")));
            });
            assertThat(ledger()).containsExactly("create a start");

            // when
            stacks.createUpdate(
                    "other-remedy", "{stack: " + TheirCli.STACK + ", operation: Refresh, clearPendingCreates: true}");

            // then
            stacks.awaitGone(TheirCli.STACK);
            assertThat(ledger()).containsExactly("create a start");
        }
    }

    private List<String> ledger() {
        return Scenario.ledger(folder.resolve(TheirCli.STACK));
    }
}
