package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.job.RunResult;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Updates that end in Job mode: what Prometheus is told of them is what is written down, each once. */
class JobMetricsIT {

    private static final String SPEC = """
        project: {inline: {name: hello, runtime: yaml}}
        backend: {url: "s3://state"}
        """;
    private static final Map<String, String> SUCCEEDED = Map.of("operation", "Up", "result", "Succeeded");

    @TempDir
    private Path data;

    private RunningOperator operator;
    private Stacks stacks;
    private KubeletDouble kubelet;

    @BeforeEach
    void start() {
        operator = RunningOperator.start(data, RunningOperator.jobs(64));
        stacks = new Stacks(operator.client(), operator.namespace());
        kubelet = new KubeletDouble(operator.client(), operator.namespace());
    }

    @AfterEach
    void stop() {
        operator.close();
    }

    @Test
    void aRunWhoseReportIsSeenAgainAndAgainIsCountedOnce() {
        // given
        stacks.create("eager", SPEC);
        Pod pod = kubelet.run(kubelet.pod(kubelet.awaitJob("eager-1")));

        // when: each write has the operator look at the report
        try (KubernetesClient run = kubelet.asRun("eager-1")) {
            kubelet.claim(run, "eager-1", pod);
            kubelet.report(run, "eager-1", succeeded());
        }
        for (int i = 0; i < 20; i++) {
            kubelet.patchStatus(operator.client(), "eager-1", "{\"log\": \"look " + i + "\"}");
        }
        kubelet.succeed(pod);

        // then
        stacks.awaitReady("eager");
        awaitCounted(Map.of("Up Succeeded", 1));
        assertThat(Scrape.of(operator).value("stackwright_update_duration_seconds_count", SUCCEEDED))
                .isEqualTo(1);
    }

    @Test
    void aRunThatCannotStartDoesNotCountAsOneThatRuns() {
        // given
        stacks.create("waits", SPEC);
        Pod pod = kubelet.pod(kubelet.awaitJob("waits-1"));

        // when
        kubelet.status(
                pod,
                "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable,"
                        + " message: no room}]}");

        // then
        awaitGauges(1, 0);

        // when
        kubelet.run(pod);

        // then
        awaitGauges(0, 1);
    }

    private void awaitGauges(int hindered, int active) {
        Stacks.patiently().untilAsserted(() -> {
            Scrape all = Scrape.of(operator);
            assertThat(all.value("stackwright_hindered_updates", Map.of())).isEqualTo(hindered);
            assertThat(all.value("stackwright_active_updates", Map.of())).isEqualTo(active);
        });
    }

    @Test
    void aRunThatEndedWithoutAReportIsCountedAsWhatItsUpdateSays() {
        // given
        stacks.create("resting", SPEC + "suspend: true");
        stacks.createUpdate("held", "{stack: resting, operation: Preview}");
        stacks.awaitPhase("held", Phase.Queued);
        stacks.create("vanished", SPEC);
        Job job = kubelet.awaitJob("vanished-1");
        Pod pod = kubelet.run(kubelet.pod(job));
        try (KubernetesClient run = kubelet.asRun("vanished-1")) {
            kubelet.claim(run, "vanished-1", pod);
        }

        // when one is cancelled before it began, and of the other one nobody tells
        stacks.cancel("held");
        kubelet.remove(pod);
        kubelet.failWithoutPod(job);
        stacks.awaitInProgress("vanished", Reason.Interrupted);
        stacks.annotate(
                "vanished",
                "stackwright.io/unlock",
                stacks.update("vanished-1").getMetadata().getUid());

        // then
        awaitCounted(Map.of("Preview Cancelled", 1, "Up Interrupted", 1));
    }

    @Test
    void whatAnotherOperatorHasCountedIsNotCountedAgainAndWhatItHasLeftIs() {
        // given
        stacks.create("counted", SPEC);
        Pod counted = kubelet.run(kubelet.pod(kubelet.awaitJob("counted-1")));
        try (KubernetesClient run = kubelet.asRun("counted-1")) {
            kubelet.claim(run, "counted-1", counted);
            kubelet.report(run, "counted-1", succeeded());
        }
        kubelet.succeed(counted);
        awaitCounted(Map.of("Up Succeeded", 1));
        stacks.create("left", SPEC);
        Pod left = kubelet.run(kubelet.pod(kubelet.awaitJob("left-1")));

        // when
        operator.close();
        try (KubernetesClient run = kubelet.asRun("left-1")) {
            kubelet.claim(run, "left-1", left);
            kubelet.report(run, "left-1", succeeded());
        }
        kubelet.succeed(left);
        operator.start();

        // then
        stacks.awaitPhase("left-1", Phase.Succeeded);
        Stacks.throughout()
                .untilAsserted(() -> assertThat(Scrape.of(operator).ends()).isEqualTo(Map.of("Up Succeeded", 1)));
    }

    /** The other attempts of the same Stacks go on: only what has ended counts. */
    private void awaitCounted(Map<String, Integer> ends) {
        Stacks.patiently().untilAsserted(() -> assertThat(Scrape.ends(operator)).isEqualTo(ends));
        Stacks.throughout()
                .untilAsserted(() -> assertThat(Scrape.of(operator).ends()).isEqualTo(ends));
    }

    private static RunResult succeeded() {
        return new RunResult(
                new RunOutcome(
                        RunStatus.Result.Succeeded,
                        Optional.empty(),
                        Optional.of(false),
                        Optional.of(Map.of()),
                        OptionalInt.of(1),
                        Map.of()),
                Optional.empty());
    }
}
