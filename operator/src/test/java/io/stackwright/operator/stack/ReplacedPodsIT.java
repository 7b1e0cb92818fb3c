package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RunningOperator;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pod that has claimed a run vanishes, as from a node that nobody reaches, and Kubernetes makes another one in its place:
 * the end of that one is no proof of the first one's.
 */
class ReplacedPodsIT {

    private static final String SPEC = """
        project: {inline: {name: hello, runtime: yaml}}
        backend: {url: "s3://state"}
        updates: {retry: {initial: 1s, max: 2s}}
        """;

    @TempDir
    private static Path data;

    private static RunningOperator operator;
    private static Stacks stacks;
    private static KubeletDouble kubelet;

    @BeforeAll
    static void start() {
        operator = RunningOperator.start(data, RunningOperator.jobs(8));
        stacks = new Stacks(operator.client(), operator.namespace());
        kubelet = new KubeletDouble(operator.client(), operator.namespace());
    }

    @AfterAll
    static void stop() {
        operator.close();
    }

    @Test
    void theEndOfAnotherPodProvesNothingOfTheOneThatHasVanished() {
        // given
        Job job = vanished("replaced");
        Pod another = kubelet.another(job);
        awaitNoted("replaced-1");

        // when that one goes before it has found a node
        kubelet.remove(another);
        kubelet.fail(job, 1);

        // then
        assertNobodyKnows("replaced");
    }

    /** Neither has it seen the first one. */
    @Test
    void norDoesAnOperatorThatHasJustStartedTakeItForAProof() {
        // given
        Job job = vanished("restarted");
        operator.stop();
        Pod another = kubelet.another(job);
        operator.start();
        awaitNoted("restarted-1");

        // when
        kubelet.remove(another);
        operator.stop();
        kubelet.fail(job, 1);
        operator.start();

        // then
        assertNobodyKnows("restarted");
    }

    /** As when the operator was away at the end of a run, and its node has gone since. */
    @Test
    void theOnlyPodIsTheOneWhoseEndWasCounted() {
        // given
        stacks.create("only", SPEC);
        Job job = kubelet.awaitJob("only-1");
        Pod pod = claimed("only-1", job);
        operator.stop();

        // when
        kubelet.remove(pod);
        kubelet.fail(job, 1);
        operator.start();

        // then
        stacks.awaitPhase("only-1", Phase.Interrupted);
        kubelet.awaitJob("only-2");
    }

    /** A run in the middle of its work, of whose pod nothing is to be seen. */
    private static Job vanished(String stack) {
        stacks.create(stack, SPEC);
        Job job = kubelet.awaitJob(stack + "-1");
        kubelet.remove(claimed(stack + "-1", job));
        return job;
    }

    private static Pod claimed(String update, Job job) {
        Pod pod = kubelet.run(kubelet.pod(job));
        try (KubernetesClient run = kubelet.asRun(update)) {
            kubelet.claim(run, update, pod);
        }
        stacks.awaitPhase(update, Phase.Running);
        return pod;
    }

    private static void awaitNoted(String update) {
        Stacks.patiently()
                .untilAsserted(
                        () -> assertThat(kubelet.job(update).getMetadata().getAnnotations())
                                .containsEntry("stackwright.io/pod-replaced", "true"));
    }

    private static void assertNobodyKnows(String stack) {
        assertThat(stacks.awaitInProgress(stack, Reason.Interrupted).message()).contains("is gone, and nothing tells");
        Stacks.throughout().until(() -> stacks.updates(stack).size() == 1);
    }
}
