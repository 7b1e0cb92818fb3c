package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.job.RunObjects;
import io.stackwright.operator.execution.job.RunResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The operator's side of Job execution, on an API server that has neither controllers nor nodes: {@link KubeletDouble}.
 */
class JobModeIT {

    private static final String CANARY = "canary-in-job-mode";

    private static final String SPEC = """
        project: {inline: {name: hello, runtime: yaml}}
        backend: {url: "s3://state"}
        config: {hello:plain: visible}
        env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: cloud, key: token}}}]
        updates: {retry: {initial: 1s, max: 2s}}
        """;

    @TempDir
    private static Path data;

    private static RunningOperator operator;
    private static Stacks stacks;
    private static KubeletDouble kubelet;

    @BeforeAll
    static void start() {
        operator = RunningOperator.start(data, RunningOperator.jobs(64));
        stacks = new Stacks(operator.client(), operator.namespace());
        kubelet = new KubeletDouble(operator.client(), operator.namespace());
        stacks.putSecret("cloud", Map.of("token", CANARY));
    }

    @AfterAll
    static void stop() {
        operator.close();
    }

    @Test
    void anUpdateIsAJobAndItsReportMakesTheStackReady() {
        // when
        stacks.create("whole", SPEC + """
            execution:
              serviceAccountName: deployer
              image: team/pulumi:2
              podTemplate: {spec: {nodeSelector: {pool: deploy}}}
            """);
        Job job = kubelet.awaitJob("whole-1");
        Pod pod = kubelet.run(kubelet.pod(job));

        // then
        assertThat(pod.getSpec().getServiceAccountName()).isEqualTo("deployer");
        assertThat(pod.getSpec().getContainers().getFirst().getImage()).isEqualTo("team/pulumi:2");
        assertThat(pod.getSpec().getNodeSelector()).containsEntry("pool", "deploy");
        assertThat(Serialization.asYaml(job) + Serialization.asYaml(pod)).doesNotContain(CANARY);
        assertThat(kubelet.runInput("whole-1").request().inputs().environment()).containsEntry("TOKEN", CANARY);

        // when
        try (KubernetesClient run = kubelet.asRun("whole-1")) {
            kubelet.claim(run, "whole-1", pod);
            stacks.awaitPhase("whole-1", Phase.Running);
            kubelet.report(run, "whole-1", succeeded());
        }
        kubelet.succeed(pod);

        // then
        Stack ready = stacks.awaitReady("whole");
        assertThat(ready.getStatus().secretOutputs()).containsExactly("password");
        assertThat(stacks.secret("whole-outputs")).containsEntry("url", "u").containsEntry("password", CANARY);
        awaitGone("whole-1");
        Stacks.patiently()
                .untilAsserted(() -> assertThat(kubelet.job("whole-1").getSpec().getTtlSecondsAfterFinished())
                        .isEqualTo(3600));
        stacks.awaitPhase("whole-1", Phase.Succeeded);
        assertThat(stacks.updates("whole")).hasSize(1);
        assertThat(operator.client()
                        .pods()
                        .inNamespace(operator.namespace())
                        .list()
                        .getItems()
                        .toString())
                .doesNotContain(CANARY);
    }

    /** By a queue of the cluster, or by a person. */
    @Test
    void aSuspendedJobSaysSoAndGoesOn() {
        // given
        stacks.create("held", SPEC);
        kubelet.awaitJob("held-1");

        // when
        suspend("held-1", true);

        // then
        assertThat(stacks.awaitInProgress("held", Reason.PodNotStarted).message())
                .contains("Job held-1 is suspended");

        // when
        suspend("held-1", false);
        Pod pod = kubelet.run(kubelet.pod(kubelet.job("held-1")));
        try (KubernetesClient run = kubelet.asRun("held-1")) {
            kubelet.claim(run, "held-1", pod);
            kubelet.report(run, "held-1", succeeded());
        }
        kubelet.succeed(pod);

        // then
        stacks.awaitReady("held");
    }

    /** Its pod is taken away by that, and Kubernetes makes no other one; what it had to say counts. */
    @Test
    void theReportOfARunWhoseJobWasSuspendedIsTakenUp() {
        // given
        stacks.create("cut", SPEC);
        Pod pod = kubelet.run(kubelet.pod(kubelet.awaitJob("cut-1")));

        // when
        try (KubernetesClient run = kubelet.asRun("cut-1")) {
            kubelet.claim(run, "cut-1", pod);
            suspend("cut-1", true);
            operator.client().resource(pod).withGracePeriod(0).delete();
            stacks.awaitInProgress("cut", Reason.PodNotStarted);
            kubelet.report(run, "cut-1", succeeded());
        }

        // then
        stacks.awaitReady("cut");
        assertThat(stacks.updates("cut")).hasSize(1);
    }

    private static void suspend(String job, boolean suspended) {
        operator.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(operator.namespace())
                .withName(job)
                .edit(current -> {
                    current.getSpec().setSuspend(suspended);
                    return current;
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "sched|{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable,"
                        + " message: no room}]}|Unschedulable",
                "image|{phase: Pending, containerStatuses: [{name: pulumi, image: i, imageID: i, ready: false,"
                        + " restartCount: 0, state: {waiting: {reason: ImagePullBackOff, message: no such image}}}]}|"
                        + "ImagePullFailed"
            })
    void aRunThatCannotStartWaitsSaysWhyAndGivesWayToAChangedSpec(String name, String status, Reason reason) {
        // given
        stacks.create(name, SPEC);
        Pod pod = kubelet.pod(kubelet.awaitJob(name + "-1"));

        // when
        kubelet.status(pod, status);

        // then
        assertThat(stacks.awaitInProgress(name, reason).message()).contains(name + "-1");
        Stacks.patiently()
                .untilAsserted(
                        () -> assertThat(stacks.update(name + "-1").getStatus().conditions())
                                .extracting(Condition::reason)
                                .contains(reason.name()));

        // when
        stacks.patch(name, "{\"spec\": {\"execution\": {\"image\": \"better:1\"}}}");
        Stacks.patiently().until(() -> kubelet.isAskedToStop(pod));
        kubelet.end(pod, "exitCode: 143");

        // then
        stacks.awaitPhase(name + "-1", Phase.Superseded);
        kubelet.remove(pod);
        assertThat(kubelet.awaitJob(name + "-2")
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getImage())
                .isEqualTo("better:1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "quota|pods \"x\" is forbidden: exceeded quota: small|QuotaExceeded",
                "account|error looking up service account n/x: serviceaccount \"x\" not found|ServiceAccountNotFound"
            })
    void aJobWithoutAPodSaysWhy(String name, String message, Reason reason) {
        // given
        stacks.create(name, SPEC);
        Job job = kubelet.awaitJob(name + "-1");

        // when
        kubelet.warn(job, "FailedCreate", "Error creating: " + message);

        // then
        stacks.awaitInProgress(name, reason);

        // when
        kubelet.run(kubelet.pod(job));

        // then
        stacks.awaitInProgress(name, Reason.Progressing);
    }

    @Test
    void aRunWhoseJobIsTakenAwayBeforeItBeginsGetsAnother() {
        // given
        stacks.create("taken", SPEC);
        Job first = kubelet.awaitJob("taken-1");
        Pod lost = kubelet.pod(first);
        KubernetesClient former = kubelet.asRun("taken-1");

        // when
        remove(first);
        kubelet.remove(lost);

        // then
        Job second = Stacks.patiently()
                .until(
                        () -> kubelet.job("taken-1"),
                        job -> job != null
                                && !job.getMetadata()
                                        .getUid()
                                        .equals(first.getMetadata().getUid()));
        Pod pod = kubelet.run(kubelet.pod(second));
        try (KubernetesClient run = kubelet.asRun("taken-1");
                former) {
            assertThatThrownBy(() -> kubelet.claim(former, "taken-1", pod))
                    .as("with the token of the Job that is gone")
                    .isInstanceOf(KubernetesClientException.class);
            kubelet.claim(run, "taken-1", pod);
            kubelet.report(run, "taken-1", succeeded());
        }
        kubelet.succeed(pod);
        stacks.awaitReady("taken");
        assertThat(stacks.updates("taken")).hasSize(1);
    }

    @Test
    void aRunWhoseJobIsTakenAwayBeforeItBeginsIsNoLongerWantedAfterAChange() {
        // given a change that waits for the run
        stacks.create("old", SPEC);
        Job job = kubelet.awaitJob("old-1");
        kubelet.pod(job);
        stacks.patch("old", "{\"spec\": {\"config\": {\"hello:plain\": \"other\"}}}");
        stacks.awaitInProgress("old", Reason.Progressing);

        // when
        remove(job);

        // then
        stacks.awaitPhase("old-1", Phase.Superseded);
        awaitGone("old-1");
        kubelet.awaitJob("old-2");
    }

    private static void remove(Job job) {
        operator.client().resource(job).delete();
    }

    @ParameterizedTest
    @CsvSource({"memory, 'exitCode: 137, reason: OOMKilled', OOMKilled", "exit, 'exitCode: 2, reason: Error', PodFailed"
    })
    void aRunThatDiesWithoutAReportIsTriedAgainForAReason(String name, String end, Reason reason) {
        // given
        stacks.create(name, SPEC);
        Pod pod = kubelet.run(kubelet.pod(kubelet.awaitJob(name + "-1")));
        try (KubernetesClient run = kubelet.asRun(name + "-1")) {
            kubelet.claim(run, name + "-1", pod);
        }

        // when
        kubelet.end(pod, end);

        // then
        Update ended = stacks.awaitPhase(name + "-1", Phase.Interrupted);
        assertThat(ended.getStatus().failure().reason()).isEqualTo(reason.name());
        assertThat(stacks.status(name).failures().reason()).isEqualTo(reason.name());
        assertThat(stacks.status(name).stack())
                .as("nobody knows how far it got")
                .isNotNull();
        kubelet.awaitJob(name + "-2");
        assertThat(kubelet.runInput(name + "-2").dead())
                .singleElement()
                .satisfies(dead ->
                        assertThat(dead.host()).isEqualTo(pod.getMetadata().getName()));
    }

    /** As by a job of the cluster that deletes pods every minute. */
    @Test
    void aRunThatIsCutShortAgainAndAgainIsTriedLessAndLessOften() {
        // given
        stacks.create("swept", SPEC);

        // when
        stopByOthers("swept-1");

        // then it is resumed at once
        stacks.awaitPhase("swept-1", Phase.Interrupted);
        kubelet.awaitJob("swept-2");
        assertThat(stacks.status("swept").failures())
                .as("once can happen to any run")
                .isNull();

        // when
        stopByOthers("swept-2");

        // then
        stacks.awaitPhase("swept-2", Phase.Interrupted);
        StackStatus.FailureStatus failures = stacks.status("swept").failures();
        assertThat(failures.reason()).isEqualTo(Reason.Interrupted.name());
        assertThat(failures.message()).contains("somebody else than Stackwright", "more than once in a row");
        assertThat(failures.count()).isEqualTo(1);
        assertThat(failures.nextAttemptAt()).isNotNull();
        assertThat(stacks.status("swept").stack())
                .as("nobody knows how far it got")
                .isNotNull();
    }

    private static void stopByOthers(String update) {
        Pod pod = kubelet.run(kubelet.pod(kubelet.awaitJob(update)));
        try (KubernetesClient run = kubelet.asRun(update)) {
            kubelet.claim(run, update, pod);
            kubelet.report(run, update, interrupted());
        }
        kubelet.end(pod, "exitCode: 0");
    }

    private static RunResult interrupted() {
        return new RunResult(
                new RunOutcome(
                        RunStatus.Result.Interrupted,
                        Optional.empty(),
                        Optional.of(false),
                        Optional.empty(),
                        OptionalInt.of(1),
                        Map.of()),
                Optional.empty());
    }

    /** Forced away, as from a node that nobody reaches any more: there the container may run on. */
    @Test
    void aRunWhosePodHasVanishedMayLiveAndOnlyAPersonSaysThatItDoesNot() {
        // given
        stacks.create("vanished", SPEC);
        Job job = kubelet.awaitJob("vanished-1");
        Pod pod = kubelet.run(kubelet.pod(job));
        try (KubernetesClient run = kubelet.asRun("vanished-1")) {
            kubelet.claim(run, "vanished-1", pod);
        }

        // when
        kubelet.remove(pod);
        kubelet.failWithoutPod(job);

        // then
        String uid = stacks.update("vanished-1").getMetadata().getUid();
        Condition waiting = stacks.awaitInProgress("vanished", Reason.Interrupted);
        assertThat(waiting.message())
                .contains(pod.getMetadata().getName(), "is gone, and nothing tells", "stackwright.io/unlock=" + uid);
        Stacks.throughout().until(() -> stacks.updates("vanished").size() == 1);

        // when
        stacks.annotate("vanished", "stackwright.io/unlock", uid);

        // then
        stacks.awaitPhase("vanished-1", Phase.Interrupted);
        kubelet.awaitJob("vanished-2");
        assertThat(kubelet.runInput("vanished-2").dead()).hasSize(1);
    }

    @Test
    void aJobOutlivesItsOperatorAndItsEndIsTakenUpOnce() {
        // given
        stacks.create("outlives", SPEC);
        Pod pod = kubelet.run(kubelet.pod(kubelet.awaitJob("outlives-1")));
        String uid = kubelet.job("outlives-1").getMetadata().getUid();

        // when
        operator.stop();
        try (KubernetesClient run = kubelet.asRun("outlives-1")) {
            kubelet.claim(run, "outlives-1", pod);
            kubelet.put(
                    run,
                    "outlives-1",
                    RunObjects.ENCRYPTION_SALT,
                    "v1:c2FsdHNhbHQ=:v1:bm9uY2Vub25jZQ==:Y2lwaGVydGV4dA==".getBytes(StandardCharsets.UTF_8));
            kubelet.report(run, "outlives-1", succeeded());
        }
        kubelet.succeed(pod);
        operator.start();

        // then
        stacks.awaitReady("outlives");
        assertThat(stacks.secret("outlives-outputs")).containsEntry("password", CANARY);
        assertThat(stacks.secret("outlives-passphrase"))
                .containsEntry("encryptionsalt", "v1:c2FsdHNhbHQ=:v1:bm9uY2Vub25jZQ==:Y2lwaGVydGV4dA==");
        awaitGone("outlives-1");
        assertThat(stacks.updates("outlives")).hasSize(1);
        assertThat(kubelet.job("outlives-1").getMetadata().getUid()).isEqualTo(uid);
    }

    @Test
    void aCancelledRunIsAskedToStopAndSaysThatItWas() {
        // given
        stacks.create("cancelled", SPEC);
        Pod pod = kubelet.run(kubelet.pod(kubelet.awaitJob("cancelled-1")));
        KubernetesClient run = kubelet.asRun("cancelled-1");
        kubelet.claim(run, "cancelled-1", pod);

        // when
        stacks.cancel("cancelled-1");
        Stacks.patiently().until(() -> kubelet.isAskedToStop(pod));
        kubelet.report(run, "cancelled-1", interrupted());
        kubelet.end(pod, "exitCode: 0");
        run.close();

        // then
        stacks.awaitPhase("cancelled-1", Phase.Cancelled);
        stacks.awaitStalled("cancelled", Reason.Cancelled);
    }

    @Test
    void aFolderWithoutAVolumeIsRefusedAndOneWithAVolumeIsNot() {
        // when
        stacks.create("folder", SPEC.replace("s3://state", "file:///state"));

        // then
        assertThat(stacks.awaitStalled("folder", Reason.BackendRequired).message())
                .contains("persistentVolumeClaim")
                .contains("/state");

        // when
        stacks.patch(
                "folder",
                "{\"spec\": {\"execution\": {\"podTemplate\": {\"spec\": {\"volumes\": [{\"name\": \"s\","
                    + " \"persistentVolumeClaim\": {\"claimName\": \"c\"}}], \"containers\": [{\"name\": \"pulumi\","
                    + " \"volumeMounts\": [{\"name\": \"s\", \"mountPath\": \"/state\"}]}]}}}}}");

        // then
        kubelet.awaitJob("folder-1");
    }

    @Test
    void aTemplateThatIsRefusedStallsAndNamesTheField() {
        // when
        stacks.create("hostile", SPEC + "execution: {podTemplate: {spec: {hostNetwork: true}}}");

        // then
        assertThat(stacks.awaitStalled("hostile", Reason.InvalidSpec).message())
                .startsWith("spec.execution.podTemplate.spec.hostNetwork");
        assertThat(stacks.updates("hostile")).isEmpty();
    }

    @Test
    void aFieldThatKubernetesDoesNotKnowStallsAndNamesIt() {
        // when
        stacks.create("unknown", SPEC + "execution: {podTemplate: {spec: {tolerations: [{kee: a}]}}}");

        // then
        assertThat(stacks.awaitStalled("unknown", Reason.InvalidSpec).message()).contains("kee");
    }

    private void awaitGone(String update) {
        Stacks.patiently().untilAsserted(() -> {
            assertThat(stacks.secret(RunObjects.input(update))).isNull();
            assertThat(stacks.secret(RunObjects.result(update))).isNull();
            assertThat(operator.client()
                            .serviceAccounts()
                            .inNamespace(operator.namespace())
                            .withName(RunObjects.account(update))
                            .get())
                    .isNull();
            assertThat(operator.client()
                            .rbac()
                            .roles()
                            .inNamespace(operator.namespace())
                            .withName(RunObjects.account(update))
                            .get())
                    .isNull();
        });
    }

    private static RunResult succeeded() {
        return new RunResult(
                new RunOutcome(
                        RunStatus.Result.Succeeded,
                        Optional.empty(),
                        Optional.of(false),
                        Optional.of(Map.of(
                                "url", new OutputValue(TextNode.valueOf("u"), false),
                                "password", new OutputValue(TextNode.valueOf(CANARY), true))),
                        OptionalInt.of(2),
                        Map.of()),
                Optional.empty());
    }
}
