package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.job.RunInput;
import io.stackwright.operator.execution.job.RunObjects;
import io.stackwright.operator.execution.job.RunResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Stands in for the Job controller, the kubelet and the runner on an API server that has none of them: it writes what
 * they would write, so that states can be had that a node is not easily brought into. What they do for real is tried by
 * cluster tests. The run's own token is the real one, and so is what it may do.
 */
public final class KubeletDouble {

    private static final String NODE = "node-double";

    private final KubernetesClient admin;
    private final String namespace;

    public KubeletDouble(KubernetesClient admin, String namespace) {
        this.admin = admin;
        this.namespace = namespace;
        for (String account : List.of("default", "deployer")) {
            admin.resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName(account)
                            .withNamespace(namespace)
                            .endMetadata()
                            .build())
                    .createOr(io.fabric8.kubernetes.client.dsl.NonDeletingOperation::update);
        }
    }

    public Job job(String name) {
        return admin.batch().v1().jobs().inNamespace(namespace).withName(name).get();
    }

    public List<Job> jobs() {
        return admin.batch().v1().jobs().inNamespace(namespace).list().getItems();
    }

    public Job awaitJob(String name) {
        Stacks.patiently()
                .untilAsserted(() -> assertThat(job(name)).as("Job " + name).isNotNull());
        return job(name);
    }

    /** As the Job controller tells of what it cannot do. */
    public void warn(Job job, String reason, String message) {
        admin.resource(new EventBuilder()
                        .withNewMetadata()
                        .withGenerateName(job.getMetadata().getName() + ".")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withType("Warning")
                        .withReason(reason)
                        .withMessage(message)
                        .withNewInvolvedObject()
                        .withApiVersion("batch/v1")
                        .withKind("Job")
                        .withName(job.getMetadata().getName())
                        .withNamespace(namespace)
                        .withUid(job.getMetadata().getUid())
                        .endInvolvedObject()
                        .build())
                .create();
    }

    /** As the Job controller makes it, on a node. */
    public Pod pod(Job job) {
        Pod pod = made(job);
        // One that is not bound to a node is deleted without grace.
        pod.getSpec().setNodeName(NODE);
        return admin.resource(pod).create();
    }

    /** The same before a scheduler has seen it. */
    public Pod unscheduled(Job job) {
        return admin.resource(made(job)).create();
    }

    /** What the Job controller makes when the first one has vanished, and no node has room for. */
    public Pod another(Job job) {
        Pod pod = made(job);
        pod.getMetadata().setName(job.getMetadata().getName() + "-z4x2x");
        return admin.resource(pod).create();
    }

    private Pod made(Job job) {
        Pod pod = new Pod();
        pod.setMetadata(new ObjectMetaBuilder(job.getSpec().getTemplate().getMetadata())
                .withName(job.getMetadata().getName() + "-x2x4z")
                .withNamespace(namespace)
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion("batch/v1")
                        .withKind("Job")
                        .withName(job.getMetadata().getName())
                        .withUid(job.getMetadata().getUid())
                        .withController(true)
                        .build())
                .build());
        pod.setSpec(job.getSpec().getTemplate().getSpec());
        return pod;
    }

    /** Merged: what the API server has worked out by itself may not be taken away. */
    public Pod status(Pod pod, String yaml) {
        return admin.pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        // What starts with a brace would be read as JSON.
                        Serialization.asJson(Serialization.unmarshal("status: " + yaml, JsonNode.class)));
    }

    public Pod run(Pod pod) {
        return status(pod, "{phase: Running, containerStatuses: [" + container("running: {}") + "]}");
    }

    public Pod end(Pod pod, String terminated) {
        return status(
                pod, "{phase: Failed, containerStatuses: [" + container("terminated: {" + terminated + "}") + "]}");
    }

    public Pod succeed(Pod pod) {
        return status(pod, "{phase: Succeeded, containerStatuses: [" + container("terminated: {exitCode: 0}") + "]}");
    }

    private static String container(String state) {
        return "{name: pulumi, image: i, imageID: i, ready: false, restartCount: 0, state: {" + state + "}}";
    }

    public boolean isAskedToStop(Pod pod) {
        return admin.pods()
                        .inNamespace(namespace)
                        .withName(pod.getMetadata().getName())
                        .get()
                        .getMetadata()
                        .getDeletionTimestamp()
                != null;
    }

    public void remove(Pod pod) {
        admin.resource(pod).withGracePeriod(0).delete();
    }

    /** What the Job controller makes of a Job whose pod has vanished, and that could not have another one in time. */
    public void failWithoutPod(Job job) {
        fail(job, 0);
    }

    /** @param counted pods whose end the Job controller has seen */
    public void fail(Job job, int counted) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        String condition = "{status: 'True', reason: DeadlineExceeded, message: m, lastTransitionTime: '" + now
                + "', lastProbeTime: '" + now + "', type: ";
        admin.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(job.getMetadata().getName())
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        Serialization.asJson(Serialization.unmarshal(
                                "status: {startTime: '" + now + "', failed: " + counted + ", conditions: [" + condition
                                        + "FailureTarget}, " + condition + "Failed}]}",
                                JsonNode.class)));
    }

    /** What the kubelet would mount. */
    public Map<String, String> input(String update) {
        return admin.secrets()
                .inNamespace(namespace)
                .withName(RunObjects.input(update))
                .get()
                .getData();
    }

    public RunInput runInput(String update) {
        try {
            return RunInput.read(Base64.getDecoder().decode(input(update).get(RunObjects.RUN)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client with the token that the run is given. */
    public KubernetesClient asRun(String update) {
        String token = new String(Base64.getDecoder().decode(input(update).get(RunObjects.TOKEN)));
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl(admin.getConfiguration().getMasterUrl())
                        .withCaCertData(admin.getConfiguration().getCaCertData())
                        .withCaCertFile(admin.getConfiguration().getCaCertFile())
                        .withTrustCerts(admin.getConfiguration().isTrustCerts())
                        .withOauthToken(token)
                        .withAutoConfigure(false)
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }

    public void claim(KubernetesClient run, String update, Pod pod) {
        patchStatus(
                run,
                update,
                "{\"executor\": {\"instance\": \"" + pod.getMetadata().getUid() + "\", \"host\": \""
                        + pod.getMetadata().getName() + "\"}}");
    }

    /** The result first, then what others see of it. */
    public void report(KubernetesClient run, String update, RunResult result) {
        put(run, update, RunObjects.OUTCOME, result.toBytes());
        patchStatus(
                run,
                update,
                "{\"result\": \"" + result.outcome().result() + "\", \"changes\": {\"create\": 1, \"update\": 0,"
                        + " \"replace\": 0, \"delete\": 0, \"same\": 0}}");
    }

    public void put(KubernetesClient run, String update, String key, byte[] value) {
        run.secrets()
                .inNamespace(namespace)
                .withName(RunObjects.result(update))
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"data\": {\"" + key + "\": \"" + Base64.getEncoder().encodeToString(value) + "\"}}");
    }

    public void patchStatus(KubernetesClient run, String update, String runStatus) {
        run.resources(Update.class)
                .inNamespace(namespace)
                .withName(update)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"run\": " + runStatus + "}}");
    }
}
