package io.stackwright.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.job.RunResult;
import io.stackwright.operator.stack.KubeletDouble;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The example of runs in Jobs. Its program runs beside an operator, as it has no node here; what an operator that makes Jobs
 * does of the manifest, is seen on the API server.
 */
final class JobsExample {

    private static final String MANIFEST = "examples/jobs/stack.yaml";
    private static final String RUN = "hello-job-1";
    private static final String OUTPUTS = "{\"greeting\":\"hello from a pod\"}";

    private final Kubectl embedded;
    private final Path folder;

    /** @param embedded for an operator that runs Pulumi itself */
    JobsExample(Kubectl embedded, Path folder) {
        this.embedded = embedded;
        this.folder = folder;
    }

    void check() throws IOException {
        withoutPods();
        try (RunningOperator operator = RunningOperator.start(folder, RunningOperator.jobs(4))) {
            withPods(operator);
        }
    }

    private void withoutPods() throws IOException {
        // when
        embedded.run("apply", "-f", "examples/jobs");

        // then
        embedded.await("Stalled", "stack/hello-job");
        assertThat(embedded.get("stack/hello-job", ".status.conditions[?(@.type==\"Stalled\")].reason"))
                .isEqualTo("InvalidSpec");

        // when all that is about pods is taken away
        embedded.run("patch", "stack/hello-job", "--type=merge", "-p", """
            {"spec": {"execution": null, "backend": null}}\
            """);
        embedded.await("Ready", "stack/hello-job");

        // then the program is one
        assertThat(embedded.get("stack/hello-job", ".status.outputs")).isEqualTo(OUTPUTS);
        // Claims stay: no controller takes their finalizer off here.
        embedded.run("delete", "stack/hello-job", "serviceaccount/hello-deployer");
    }

    private void withPods(RunningOperator operator) throws IOException {
        // given
        Kubectl kubectl = new Kubectl(Toolchain.root(), operator.namespace());
        KubeletDouble kubelet = new KubeletDouble(operator.client(), operator.namespace());
        Path nobodys = Files.createTempFile(folder, "nobodys", ".yaml");
        Files.writeString(
                nobodys,
                Files.readString(Toolchain.root().resolve(MANIFEST))
                        .replace("name: hello-job", "name: nobodys")
                        .replace("serviceAccountName: hello-deployer", "serviceAccountName: nobody"));

        // when
        kubectl.run("apply", "-f", "examples/jobs");
        kubectl.run("apply", "-f", nobodys.toString());

        // then
        Job job = kubelet.awaitJob(RUN);
        Pod pod = kubelet.run(kubelet.pod(job));
        assertThat(pod.getSpec().getServiceAccountName()).isEqualTo("hello-deployer");
        assertThat(pod.getMetadata().getLabels()).containsEntry("team", "shop");
        assertThat(pod.getSpec().getContainers().getFirst().getVolumeMounts())
                .anySatisfy(mount -> assertThat(mount.getMountPath()).isEqualTo("/state"));
        kubelet.warn(
                kubelet.awaitJob("nobodys-1"),
                "FailedCreate",
                "Error creating: pods \"nobodys-1-\" is forbidden: error looking up service account: serviceaccount"
                        + " \"nobody\" not found");
        for (String object : new String[] {"stack/nobodys", "update/nobodys-1"}) {
            await().atMost(Duration.ofMinutes(3))
                    .untilAsserted(
                            () -> assertThat(kubectl.get(object, ".status.conditions[?(@.type==\"Ready\")].reason"))
                                    .isEqualTo("ServiceAccountNotFound"));
        }

        // when
        try (KubernetesClient run = kubelet.asRun(RUN)) {
            kubelet.claim(run, RUN, pod);
            kubelet.report(run, RUN, ofTheProgram());
        }
        kubelet.succeed(pod);
        kubectl.await("Ready", "stack/hello-job");

        // then
        assertThat(kubectl.get("stack/hello-job", ".status.outputs")).isEqualTo(OUTPUTS);
        await().atMost(Duration.ofMinutes(3))
                .untilAsserted(() -> assertThat(kubectl.run("get", "secrets,serviceaccounts", "-o", "name"))
                        .doesNotContain(RUN)
                        .contains("hello-deployer"));
    }

    private static RunResult ofTheProgram() {
        return new RunResult(
                new RunOutcome(
                        RunStatus.Result.Succeeded,
                        Optional.empty(),
                        Optional.of(false),
                        Optional.of(Map.of("greeting", new OutputValue(TextNode.valueOf("hello from a pod"), false))),
                        OptionalInt.of(2),
                        Map.of()),
                Optional.empty());
    }
}
