package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run in a pod is cut short in the middle of a create, in every way that a pod, its processes and its Job can be ended:
 * nothing is created twice, nothing is lost, and where nobody can know whether it was created, it is said of what.
 */
@Tag("cluster")
class JobKillsClusterIT {

    @TempDir
    private static Path data;

    private static JobNode node;
    private static JobLedger ledger;
    private static Stacks stacks;

    @BeforeAll
    static void start() {
        node = new JobNode(data);
        stacks = node.stacks();
        ledger = new JobLedger(node);
        node.startOperator();
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.stopOperator();
        }
    }

    @Test
    void nothingIsLostAndNothingDoubled() {
        new SideBySide()
                .and("pod deleted", this::aPodThatIsDeletedEndsItsCreate)
                .and("pod evicted", this::aPodThatIsEvictedEndsItsCreate)
                .and("pod deleted by force", this::aPodThatIsDeletedByForceLeavesAPendingCreate)
                .and("runner killed", this::aRunnerThatIsKilledLeavesAPendingCreate)
                .and("CLI killed", this::aCliThatIsKilledLeavesAPendingCreate)
                .and("provider killed", this::aProviderThatIsKilledBeforeItCreatesIsTriedAgain)
                .and("Job deleted", this::aJobThatIsDeletedEndsItsCreate)
                .and("Job deleted, runner killed", this::aJobThatIsDeletedWhoseRunnerIsKilledLeavesAPendingCreate)
                .and("pod of a destroy deleted", this::aDestroyWhosePodIsDeletedGoesOn)
                .and("runner of a destroy killed", this::aDestroyWhoseRunnerIsKilledIsDoneAgain)
                .happen();
    }

    private void aPodThatIsDeletedEndsItsCreate() {
        // given
        Pod pod = ledger.createAndHold("deleted");

        // when
        node.client().resource(pod).delete();
        node.awaitAsked(pod);
        ledger.release("deleted");

        // then
        assertThat(stacks.awaitPhase("deleted-1", Phase.Interrupted)
                        .getStatus()
                        .failure()
                        .message())
                .contains("somebody else than Stackwright")
                .doesNotContain("cancelled");
        assertThat(ledger.recorded("deleted")).contains(ledger.id("deleted", "a"));
        ledger.awaitWhole("deleted");
    }

    private void aPodThatIsEvictedEndsItsCreate() {
        // given
        Pod pod = ledger.createAndHold("evicted");

        // when
        node.client()
                .pods()
                .inNamespace(node.namespace())
                .withName(pod.getMetadata().getName())
                .evict();
        node.awaitAsked(pod);
        ledger.release("evicted");

        // then
        assertThat(stacks.awaitPhase("evicted-1", Phase.Interrupted).getStatus().failure())
                .satisfies(failure -> {
                    assertThat(failure.reason()).isEqualTo(Reason.Evicted.name());
                    assertThat(failure.message())
                            .contains("EvictionByEvictionAPI")
                            .contains("stopped in good order")
                            .doesNotContain("cancelled");
                });
        ledger.awaitWhole("evicted");
    }

    private void aPodThatIsDeletedByForceLeavesAPendingCreate() {
        // given
        Pod pod = ledger.createAndHold("forced");

        // when
        node.client().resource(pod).withGracePeriod(0).delete();

        // then
        ledger.awaitPendingCreate("forced");
        ledger.importPendingCreate("forced");
        ledger.awaitWhole("forced");
    }

    private void aRunnerThatIsKilledLeavesAPendingCreate() {
        // given
        Pod pod = ledger.createAndHold("runner");

        // when
        JobLedger.runner(pod).destroyForcibly();

        // then
        ledger.awaitPendingCreate("runner");
        assertThat(stacks.update("runner-1").getStatus().failure().reason()).isEqualTo(Reason.PodFailed.name());
        ledger.importPendingCreate("runner");
        ledger.awaitWhole("runner");
    }

    private void aCliThatIsKilledLeavesAPendingCreate() {
        // given
        Pod pod = ledger.createAndHold("cli");

        // when
        List<ProcessHandle> cli = JobLedger.started(pod, "pulumi up ");
        assertThat(cli).isNotEmpty();
        cli.forEach(ProcessHandle::destroyForcibly);

        // then
        assertThat(stacks.awaitPhase("cli-1", Phase.Failed)
                        .getStatus()
                        .failure()
                        .message())
                .startsWith("the Pulumi CLI was ended by signal 9");
        ledger.awaitPendingCreate("cli");
        ledger.importPendingCreate("cli");
        ledger.awaitWhole("cli");
    }

    private void aProviderThatIsKilledBeforeItCreatesIsTriedAgain() {
        // given
        ledger.hold("provider", "create.before.a");
        stacks.create("provider", JobLedger.spec());
        ledger.awaitHeld("provider", "create.before.a");

        // when
        Pod pod = node.pods("provider-1").getFirst();
        List<ProcessHandle> providers = JobLedger.started(pod, "pulumi-resource-ledger");
        assertThat(providers).isNotEmpty();
        providers.forEach(ProcessHandle::destroyForcibly);
        ledger.release("provider");

        // then
        ledger.awaitWhole("provider");
    }

    private void aJobThatIsDeletedEndsItsCreate() {
        // given
        Pod pod = ledger.createAndHold("job");

        // when
        node.deleteJob("job-1");
        node.awaitAsked(pod);
        ledger.release("job");

        // then
        stacks.awaitPhase("job-1", Phase.Interrupted);
        ledger.awaitWhole("job");
    }

    private void aJobThatIsDeletedWhoseRunnerIsKilledLeavesAPendingCreate() {
        // given
        Pod pod = ledger.createAndHold("jobless");

        // when
        ProcessHandle runner = JobLedger.runner(pod);
        node.deleteJob("jobless-1");
        node.awaitAsked(pod);
        assertThat(stacks.awaitInProgress("jobless", Reason.Interrupted).message())
                .contains(pod.getMetadata().getName());
        runner.destroyForcibly();

        // then
        ledger.awaitPendingCreate("jobless");
        ledger.importPendingCreate("jobless");
        ledger.awaitWhole("jobless");
    }

    private void aDestroyWhosePodIsDeletedGoesOn() {
        // given
        Pod pod = destroyAndHold("undone");

        // when
        node.client().resource(pod).delete();
        node.awaitAsked(pod);
        ledger.release("undone");

        // then
        ledger.awaitGone("undone");
    }

    private void aDestroyWhoseRunnerIsKilledIsDoneAgain() {
        // given
        Pod pod = destroyAndHold("cut");

        // when
        JobLedger.runner(pod).destroyForcibly();
        ledger.release("cut");

        // then
        ledger.awaitGone("cut");
    }

    /** The pod of a destroy that waits in the middle of the delete of {@code b}. */
    private Pod destroyAndHold(String stack) {
        stacks.create(stack, JobLedger.spec());
        ledger.awaitWhole(stack);
        ledger.hold(stack, "delete.start.b");
        stacks.delete(stack);
        ledger.awaitHeld(stack, "delete.start.b");
        return node.pods(stacks.updates(stack).getLast().getMetadata().getName())
                .getFirst();
    }
}
