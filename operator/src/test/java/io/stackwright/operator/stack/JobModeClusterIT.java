package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.testkit.TestCluster;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Job execution on a real node: Pulumi runs in pods, the operator comes and goes. */
@Tag("cluster")
class JobModeClusterIT {

    @TempDir
    private static Path data;

    private static JobNode node;
    private static Stacks stacks;

    @BeforeAll
    static void have() {
        node = new JobNode(data, TestCluster.shared(), Set.of(), "INFO");
        stacks = node.stacks();
    }

    @BeforeEach
    void start() {
        node.startOperator();
    }

    @AfterEach
    void stop() {
        node.stopOperator();
    }

    @Test
    void aStackLivesItsWholeLifeInJobs() {
        // when
        long applied = System.nanoTime();
        stacks.create("life", JobNode.SPEC);
        Stack ready = stacks.awaitReady("life");

        // then
        System.out.printf("Job mode: %.1f s from apply to Ready%n", (System.nanoTime() - applied) / 1e9);
        assertThat(ready.getStatus().outputs()).hasToString("{greeting=\"hi\"}");
        assertThat(ready.getStatus().secretOutputs()).containsExactly("password");
        assertThat(stacks.secret("life-outputs"))
                .containsEntry("greeting", "hi")
                .containsEntry("password", JobNode.CANARY);
        node.assertNoSecretIsSeen("life-1");
        assertThat(node.kubectl("logs", "job/life-1"))
                .as("what Java says when the copied archive of classes does not fit")
                .contains("claimed")
                .doesNotContain("[cds]", "[aot]");
        node.awaitDisarmed("life-1");

        // when
        stacks.patch("life", "{\"spec\": {\"config\": {\"greeting\": \"hello\"}}}");

        // then
        assertThat(stacks.awaitReady("life").getStatus().outputs()).hasToString("{greeting=\"hello\"}");
        assertThat(stacks.awaitPhase("life-2", Phase.Succeeded)
                        .getStatus()
                        .run()
                        .changes()
                        .update())
                .as("the state of the run before was found on the volume")
                .isEqualTo(1);

        // when
        stacks.patch("life", "{\"spec\": {\"project\": {\"inline\": {\"outputs\": {\"greeting\": \"${nowhere}\"}}}}}");

        // then
        stacks.awaitPhase("life-3", Phase.Failed);
        Stacks.patiently()
                .untilAsserted(() -> assertThat(stacks.status("life")
                                .condition(Condition.READY)
                                .orElseThrow()
                                .message())
                        .contains("nowhere"));

        // when
        stacks.delete("life");

        // then
        stacks.awaitGone("life");
        Stacks.patiently().untilAsserted(() -> assertThat(node.leftOf("life")).isEmpty());
    }

    @Test
    void aRunOutlivesItsOperatorAndIsTakenUpOnce() {
        // given
        stacks.create("outlives", JobNode.SLOW);
        stacks.awaitPhase("outlives-1", Phase.Running);

        // when
        node.stopOperator();
        Stacks.patiently()
                .untilAsserted(
                        () -> assertThat(node.job("outlives-1").getStatus().getSucceeded())
                                .isEqualTo(1));
        node.startOperator();

        // then
        assertThat(stacks.awaitReady("outlives").getStatus().outputs()).hasToString("{slept=true}");
        assertThat(stacks.updates("outlives")).hasSize(1);
        assertThat(node.pods("outlives-1")).hasSize(1);
        node.awaitDisarmed("outlives-1");

        // given
        stacks.patch("outlives", "{\"spec\": {\"config\": {\"again\": \"1\"}}}");
        stacks.awaitPhase("outlives-2", Phase.Running);

        // when
        node.stopOperator();
        node.startOperator();

        // then
        stacks.awaitPhase("outlives-2", Phase.Succeeded);
        stacks.awaitReady("outlives");
        assertThat(stacks.updates("outlives")).hasSize(2);
        assertThat(node.pods("outlives-2")).hasSize(1);

        // when
        stacks.delete("outlives");

        // then
        stacks.awaitGone("outlives");
    }
}
