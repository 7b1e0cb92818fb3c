package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.testkit.LocalNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The servers that Kubernetes consists of die, hang and come back while runs are on their way. */
@Tag("node-servers")
class JobServersClusterIT {

    /** How long the API server hangs, in seconds; longer by command. */
    private static final long AWAY = Long.getLong("jobs.away", 5);

    @TempDir
    private static Path data;

    private static JobNode node;
    private static JobLedger ledger;
    private static Stacks stacks;
    private static LocalNode servers;

    @BeforeAll
    static void start() {
        node = new JobNode(data);
        servers = node.local();
        stacks = node.stacks();
        ledger = new JobLedger(node);
        node.startOperator();
    }

    @AfterEach
    void goOn() {
        if (servers != null) {
            List.of("kube-apiserver", "kubelet").forEach(server -> servers.signal(server, "CONT"));
            awaitApi();
        }
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.stopOperator();
        }
    }

    @Test
    void aRunGoesOnWhileEveryServerIsKilled() {
        // given
        ledger.createAndHold("servers");

        // when
        for (String server : List.of(
                "kubelet", "containerd", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kube-apiserver")) {
            servers.signal(server, "KILL");
        }
        ledger.release("servers");
        awaitApi();

        // then
        ledger.awaitWhole("servers");
        assertRunOnce("servers");
    }

    @Test
    void aRunThatEndsWhileTheApiServerIsAwayIsTakenUpOnce() {
        // given
        ledger.createAndHold("away");
        ledger.createAndHold("left");
        Pod jobless = ledger.createAndHold("jobless");

        // when two end while nobody can be told, one loses its Job, and one operator is followed by another meanwhile
        servers.signal("kube-apiserver", "STOP");
        ledger.release("away");
        awaitDone("away");
        await().pollDelay(Duration.ofSeconds(AWAY)).until(() -> true);
        servers.signal("kube-apiserver", "CONT");
        awaitApi();
        servers.signal("kube-apiserver", "KILL");
        ledger.release("left");
        node.stopOperator();
        awaitDone("left");
        awaitApi();
        node.deleteJob("jobless-1");
        node.awaitAsked(jobless);
        ledger.release("jobless");
        Stacks.patiently().until(() -> node.client().resource(jobless).get() == null);
        node.startOperator();

        // then
        ledger.awaitWhole("away");
        ledger.awaitWhole("left");
        ledger.awaitWhole("jobless");
        assertRunOnce("away");
        assertRunOnce("left");
    }

    @Test
    void aPodWhoseEndNobodyTellsOfIsWaitedFor() {
        // given
        Pod stuck = ledger.createAndHold("stuck");
        Pod vanished = ledger.createAndHold("vanished");
        ProcessHandle runner = JobLedger.runner(vanished);

        // when the node does not answer, and the pods are deleted, one of them by all means
        servers.signal("kubelet", "STOP");
        node.client().resource(stuck).withGracePeriod(1).delete();
        node.client()
                .resource(vanished)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": null}}");
        node.client().resource(vanished).withGracePeriod(0).delete();

        // then
        assertThat(stacks.awaitInProgress("stuck", Reason.Interrupted).message())
                .contains(
                        stuck.getMetadata().getName(), "node " + stuck.getSpec().getNodeName(), "out-of-service");
        assertThat(runner.isAlive())
                .as("the run of a pod that nobody sees any more")
                .isTrue();
        assertThat(stacks.updates("stuck")).hasSize(1);
        assertThat(stacks.updates("vanished")).hasSize(1);

        // when
        servers.signal("kubelet", "CONT");

        // then
        ledger.awaitPendingCreate("stuck");
        String uid = stacks.update("vanished-1").getMetadata().getUid();
        assertThat(stacks.awaitInProgress("vanished", Reason.Interrupted).message())
                .contains(vanished.getMetadata().getName(), "stackwright.io/unlock=" + uid);
        Stacks.throughout()
                .untilAsserted(() -> assertThat(stacks.updates("vanished")).hasSize(1));

        // when a person knows
        Stacks.patiently().until(() -> !runner.isAlive());
        stacks.annotate("vanished", "stackwright.io/unlock", uid);

        // then
        ledger.awaitPendingCreate("vanished");
        for (String name : List.of("stuck", "vanished")) {
            ledger.importPendingCreate(name);
            ledger.awaitWhole(name);
        }
    }

    /** Until the run has done everything but say so. */
    private static void awaitDone(String stack) {
        Stacks.patiently().untilAsserted(() -> {
            assertThat(ledger.hasEnded(stack, "create", "b")).isTrue();
            assertThat(ledger.locks(stack)).isEmpty();
        });
    }

    private static void awaitApi() {
        Stacks.patiently()
                .ignoreException(KubernetesClientException.class)
                .until(() ->
                        node.client().namespaces().withName(node.namespace()).get() != null);
    }

    private static void assertRunOnce(String stack) {
        assertThat(stacks.updates(stack)).hasSize(1);
        assertThat(node.pods(stack + "-1")).hasSize(1);
    }
}
