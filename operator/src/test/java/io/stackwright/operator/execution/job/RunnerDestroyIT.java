package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.engine.Failure;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the Job of a deletion does: the runner's process destroys with the real CLI what an earlier one has created. */
@Timeout(600)
class RunnerDestroyIT {

    private static final String PROGRAM = """
        name: shop
        runtime: yaml
        resources:
          window: {type: "pulumi:index:Stash", properties: {input: glass}}
          door: {type: "pulumi:index:Stash", properties: {input: wood}%s}
        """;

    @TempDir
    private Path folder;

    private JobRig rig;
    private JobInputs shop;
    private Path state;

    @BeforeEach
    void prepare() {
        rig = new JobRig(folder);
        shop = new JobInputs(rig, "shop");
        state = folder.resolve("state/.pulumi/stacks/shop/shop.json");
    }

    @Test
    void whatIsThereIsDestroyedAndAnotherTimeThereIsNothing() {
        // given
        up(PROGRAM.formatted(""));

        // when
        JobProcess destroy = run(Operation.Destroy, "pod-2");

        // then
        assertThat(destroy.await()).as(destroy.log()).isZero();
        assertThat(rig.result("shop-2").orElseThrow().outcome().resources()).hasValue(0);
        RunStatus status = rig.update("shop-2").getStatus().run();
        assertThat(status.result()).isEqualTo(RunStatus.Result.Succeeded);
        assertThat(status.steps())
                .extracting(RunStatus.Step::name, RunStatus.Step::operation)
                .contains(tuple("window", "delete"), tuple("door", "delete"));
        assertThat(state).doesNotExist();

        // when its report was lost, and it is asked for again
        JobProcess again = run(Operation.Destroy, "pod-3");

        // then
        assertThat(again.await()).as(again.log()).isZero();
        assertThat(rig.result("shop-3").orElseThrow().outcome().succeeded()).isTrue();
        assertThat(state).doesNotExist();
    }

    @Test
    void itsProgramIsNotNeeded() {
        // given
        up(PROGRAM.formatted(""));

        // when
        shop.withoutProgram();
        JobProcess destroy = run(Operation.Destroy, "pod-2");

        // then
        assertThat(destroy.await()).as(destroy.log()).isZero();
        assertThat(rig.result("shop-2").orElseThrow().outcome().succeeded()).isTrue();
        assertThat(state).doesNotExist();
    }

    @Test
    void whatAnEarlierStackHasLetGoIsNotItsOwn() {
        // given
        shop.inline(PROGRAM.formatted(""));
        JobProcess up = run(Operation.Up, "pod-1");
        assertThat(up.await()).as(up.log()).isZero();
        shop.keepingSaltOf("shop-1").owner("uid-of-another", JobInputs.UID).letGo();

        // when
        JobProcess destroy = run(Operation.Destroy, "pod-2");

        // then
        assertThat(destroy.await()).as(destroy.log()).isZero();
        assertThat(rig.result("shop-2").orElseThrow().outcome().resources()).hasValue(0);
        assertThat(rig.result("shop-2").orElseThrow().outcome().adopted()).isEmpty();
        assertThat(state).content().contains("::window", "::door");
    }

    @Test
    void whatIsProtectedStaysAndIsNamed() {
        // given
        up(PROGRAM.formatted(", options: {protect: true}"));

        // when
        JobProcess destroy = run(Operation.Destroy, "pod-2");

        // then
        assertThat(destroy.await()).as(destroy.log()).isEqualTo(ExitCode.FAILED.code());
        Failure failure = rig.result("shop-2").orElseThrow().outcome().failure().orElseThrow();
        assertThat(failure.reason()).isEqualTo(Reason.ProtectedResources);
        assertThat(failure.message()).contains("door");
        assertThat(state).content().contains("::door");
    }

    private void up(String program) {
        shop.inline(program);
        JobProcess up = run(Operation.Up, "pod-1");
        assertThat(up.await()).as(up.log()).isZero();
        assertThat(state).content().contains("::window", "::door");
        shop.after("shop-1");
    }

    private JobProcess run(Operation operation, String podUid) {
        return rig.start(rig.prepare(shop.run(operation)), podUid);
    }
}
