package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.job.RunObjects;
import io.stackwright.operator.execution.job.RunResult;
import io.stackwright.operator.update.Updates;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs in Jobs whose Stack, or whose Update, was let go by force: with their end what they consist of goes too, and an
 * Update that would keep its namespace.
 */
class LeftJobsIT {

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
    void oneThatEndsAfterwardsIsLetGo() {
        // given
        Pod pod = inMidRun("forced");
        force("forced");

        // when
        kubelet.end(pod, "exitCode: 137, reason: Error");

        // then
        awaitGone("forced-1");
    }

    @Test
    void soIsOneThatANewOperatorFinds() {
        // given
        Pod pod = inMidRun("found");
        operator.stop();
        force("found");
        operator.start();

        // when
        kubelet.end(pod, "exitCode: 137, reason: Error");

        // then
        awaitGone("found-1");
    }

    /** Whoever may change an Update can take our finalizer off it. */
    @Test
    void whatIsLeftOfOneWhoseUpdateIsNotOursAnyMoreGoesWithItsEnd() {
        // given
        Pod pod = inMidRun("loose");
        try (KubernetesClient run = kubelet.asRun("loose-1")) {
            operator.client()
                    .resource(stacks.update("loose-1"))
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": null}}");

            // when
            kubelet.report(run, "loose-1", new RunResult(RunOutcome.destroyed(), Optional.empty()));
        }
        kubelet.succeed(pod);

        // then
        Stacks.patiently().untilAsserted(() -> {
            assertThat(stacks.secret(RunObjects.input("loose-1"))).isNull();
            assertThat(stacks.secret(RunObjects.result("loose-1"))).isNull();
            assertThat(kubelet.job("loose-1").getSpec().getTtlSecondsAfterFinished())
                    .isEqualTo(3600);
        });
    }

    private static Pod inMidRun(String stack) {
        stacks.create(stack, """
            project: {inline: {name: hello, runtime: yaml}}
            backend: {url: "s3://state"}
            """);
        Pod pod = kubelet.run(kubelet.pod(kubelet.awaitJob(stack + "-1")));
        try (KubernetesClient run = kubelet.asRun(stack + "-1")) {
            kubelet.claim(run, stack + "-1", pod);
        }
        stacks.awaitPhase(stack + "-1", Phase.Running);
        return pod;
    }

    private static void force(String stack) {
        var found = operator.client()
                .resources(Stack.class)
                .inNamespace(operator.namespace())
                .withName(stack);
        found.delete();
        found.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": null}}");
        assertThat(stacks.get(stack)).isNull();
        // As the garbage collector does.
        operator.client().resource(stacks.update(stack + "-1")).delete();
        assertThat(stacks.update(stack + "-1").getMetadata().getFinalizers()).containsExactly(Updates.FINALIZER);
    }

    private static void awaitGone(String update) {
        Stacks.patiently().untilAsserted(() -> assertThat(stacks.update(update)).isNull());
    }
}
