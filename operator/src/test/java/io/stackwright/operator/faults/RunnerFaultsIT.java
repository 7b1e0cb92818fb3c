package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.operator.execution.job.JobInputs;
import io.stackwright.operator.execution.job.JobProcess;
import io.stackwright.operator.execution.job.JobRig;
import io.stackwright.operator.execution.job.RunInput;
import io.stackwright.operator.execution.job.RunObjects;
import io.stackwright.testkit.ControlPlane;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Job's side of a run, disturbed: signals in the middle of a create, an API server that is away. */
@Timeout(600)
class RunnerFaultsIT {

    private static final int STOPPED = 11;

    private static final String PROGRAM = """
        name: kills
        runtime: yaml
        resources:
          a: {type: ledger:Item, properties: {name: a, seconds: "%s"}}
          b: {type: ledger:Item, properties: {name: b, seconds: "0.2"}, options: {dependsOn: ["${a}"]}}
        outputs: {value: done}
        """;

    @TempDir
    private Path folder;

    private JobRig rig;
    private CliSteps cli;
    private ApiProxy proxy;

    @BeforeEach
    void prepare() throws Exception {
        rig = new JobRig(folder.resolve("rig"));
        cli = new CliSteps(folder, new Moments(), new Ledger(folder.resolve("ledger")));
        proxy = new ApiProxy(ControlPlane.shared().config(), new Bystander());
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("pulumi"), cli.command());
        String path = PythonPulumi.on(rig.environment()).get("PATH");
        rig.environment().put("PATH", bin + ":" + LedgerProvider.in(folder) + ":" + path);
    }

    @AfterEach
    void close() {
        proxy.close();
        cli.close();
    }

    @Test
    void aSigtermLetsTheCommandFinishWhatItIsAtAndIsTold() throws Exception {
        // given
        cli.stay(true);
        rig.environment().put("AWS_ROLE_ARN", "arn:aws:iam::1:role/shop");
        rig.environment().put("KUBERNETES_SERVICE_HOST", "10.0.0.1");
        JobInputs stack = new JobInputs(rig, "stopped").inline(PROGRAM.formatted("8"));
        try (JobProcess pod = rig.start(rig.prepare(stack.run(Operation.Up)), "pod-1")) {
            await().atMost(Scenario.PATIENCE)
                    .until(() -> !cli.ledger().existing("stopped").isEmpty() || !pod.isAlive());

            // when
            pod.terminate();

            // then
            assertThat(pod.await()).as(pod.log()).isEqualTo(STOPPED);
            CliSteps.Call up = cli.calls("stopped").getLast();
            assertThat(up.command()).isEqualTo("up");
            assertThat(up.signals()).containsExactly("TERM");
            assertThat(up.isAlive()).isFalse();
            assertThat(up.environment())
                    .contains("AWS_ROLE_ARN", "KUBERNETES_SERVICE_HOST", "PULUMI_CONFIG_PASSPHRASE")
                    .doesNotContain(RunObjects.POD_NAME, RunObjects.POD_UID);
            assertThat(cli.ledger().of("stopped"))
                    .extracting(Ledger.Line::name, Ledger.Line::phase)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("a", "start"),
                            org.assertj.core.groups.Tuple.tuple("a", "end"));
            Path state = rig.folder().resolve("state/.pulumi");
            assertThat(state.resolve("locks/organization/kills/stopped"))
                    .satisfiesAnyOf(
                            locks -> assertThat(locks).doesNotExist(),
                            locks -> assertThat(locks).isEmptyDirectory());
            assertThat(new ObjectMapper()
                            .readTree(state.resolve("stacks/kills/stopped.json").toFile())
                            .at("/checkpoint/latest/pending_operations"))
                    .isEmpty();
            assertThat(rig.result("stopped-1").orElseThrow().outcome().result())
                    .isEqualTo(RunStatus.Result.Interrupted);
            assertThat(rig.update("stopped-1").getStatus().run().result()).isEqualTo(RunStatus.Result.Interrupted);
        }
    }

    @Test
    void anApiServerThatIsAwayAtTheEndIsWaitedFor() {
        // given
        AtomicInteger refused = new AtomicInteger();
        proxy.faults(request -> {
            boolean end = request.object().endsWith("-result") && request.body().contains(RunObjects.OUTCOME);
            if (end && refused.incrementAndGet() <= 12) {
                return refused.get() % 2 == 0 ? new Fault.Cut() : Fault.Answer.of(503, "ServiceUnavailable");
            }
            return new Fault.None();
        });
        RunInput input =
                new JobInputs(rig, "away").inline(PROGRAM.formatted("0.2")).run(Operation.Up);

        // when
        try (JobProcess pod = rig.start(rig.prepare(input, proxy.url()), "pod-1")) {

            // then
            assertThat(pod.await()).as(pod.log()).isZero();
            assertThat(refused.get()).isGreaterThan(12);
            assertThat(pod.log()).contains("keeping the outcome failed; it is tried again");
            assertThat(rig.result("away-1").orElseThrow().outcome().succeeded()).isTrue();
            assertThat(rig.update("away-1").getStatus().run().result()).isEqualTo(RunStatus.Result.Succeeded);
        }
    }

    @Test
    void aClaimWhoseAnswerGotLostIsStillItsOwn() {
        runsOnceThough("claim", new AtomicInteger(), request -> new Fault.CutAnswer());
    }

    @Test
    void aClaimThatSomebodyOvertookIsTriedAgain() {
        runsOnceThough("overtaken", new AtomicInteger(), request -> Fault.Answer.of(409, "Conflict"));
    }

    private void runsOnceThough(String stack, AtomicInteger claims, Function<ApiRequest, Fault> first) {
        proxy.faults(request -> request.object().endsWith("/status") && claims.incrementAndGet() == 1
                ? first.apply(request)
                : new Fault.None());
        RunInput input =
                new JobInputs(rig, stack).inline(PROGRAM.formatted("0.2")).run(Operation.Up);

        // when
        try (JobProcess pod = rig.start(rig.prepare(input, proxy.url()), "pod-1")) {

            // then
            assertThat(pod.await()).as(pod.log()).isZero();
            assertThat(rig.result(stack + "-1").orElseThrow().outcome().succeeded())
                    .isTrue();
            assertThat(cli.calls(stack).stream().filter(call -> call.command().equals("up")))
                    .hasSize(1);
        }
    }

    @Test
    void aRunThatTakesTooLongIsStoppedFromTheStartOfItsCommandOn() {
        // given
        RunInput input = new JobInputs(rig, "slow")
                .inline(PROGRAM.formatted("6"))
                .timeout(Duration.ofSeconds(3))
                .run(Operation.Up);

        // when
        try (JobProcess pod = rig.start(rig.prepare(input), "pod-1")) {

            // then
            assertThat(pod.await()).as(pod.log()).isEqualTo(10);
            assertThat(rig.result("slow-1")
                            .orElseThrow()
                            .outcome()
                            .failure()
                            .orElseThrow()
                            .message())
                    .contains("took longer than its timeout");
            assertThat(cli.ledger().of("slow")).extracting(Ledger.Line::name).doesNotContain("b");
        }
    }

    /** Lets everything pass. */
    private static final class Bystander implements ApiProxy.Listener {

        @Override
        public boolean before(ApiRequest request) {
            return true;
        }

        @Override
        public boolean answered(ApiRequest request) {
            return true;
        }

        @Override
        public void replied(ApiRequest request) {}
    }
}
