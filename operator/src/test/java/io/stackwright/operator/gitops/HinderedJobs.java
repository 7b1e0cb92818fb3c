package io.stackwright.operator.gitops;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.stack.KubeletDouble;
import io.stackwright.operator.stack.Stacks;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Stacks of an operator that makes Jobs, whose runs Kubernetes cannot start or keep: told as its own parts tell it. */
final class HinderedJobs implements AutoCloseable {

    static final String UNSCHEDULABLE = "unschedulable";
    static final String UNPULLED = "unpulled";
    static final String UNKNOWN = "unknown";
    static final String CROWDED = "crowded";
    static final String KILLED = "killed";
    static final String VANISHED = "vanished";

    private final RunningOperator operator;
    private final Stacks stacks;
    private final KubeletDouble kubelet;

    HinderedJobs(Path data) {
        this.operator = RunningOperator.start(data, RunningOperator.jobs(8));
        this.stacks = new Stacks(operator.client(), operator.namespace());
        this.kubelet = new KubeletDouble(operator.client(), operator.namespace());
    }

    String namespace() {
        return operator.namespace();
    }

    void bringAbout() {
        hinder(UNSCHEDULABLE, "", job -> kubelet.status(kubelet.unscheduled(job), """
            {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable,
             message: '0/3 nodes are available: 3 Insufficient memory.'}]}
            """));
        hinder(UNPULLED, "image: registry.example.com/gone:1", job -> kubelet.status(kubelet.pod(job), """
            {phase: Pending, containerStatuses: [{name: pulumi, image: 'registry.example.com/gone:1', imageID: '',
             ready: false, restartCount: 0, state: {waiting: {reason: ImagePullBackOff,
             message: 'Back-off pulling image "registry.example.com/gone:1"'}}}]}
            """));
        hinder(UNKNOWN, "serviceAccountName: nobody", job -> kubelet.warn(job, "FailedCreate", """
            Error creating: pods "unknown-1-" is forbidden: error looking up service account team-a/nobody:\
             serviceaccount "nobody" not found\
            """));
        hinder(CROWDED, "", job -> kubelet.warn(job, "FailedCreate", """
            Error creating: pods "crowded-1-" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1,\
             limited: pods=1\
            """));
        hinder(KILLED, "", job -> {
            kubelet.end(claimed(job), "exitCode: 137, reason: Error");
            kubelet.fail(job, 1);
        });
        hinder(VANISHED, "", job -> {
            kubelet.remove(claimed(job));
            kubelet.failWithoutPod(job);
        });
    }

    /** The pod of a run in the middle of its work. */
    private Pod claimed(Job job) {
        String update = job.getMetadata().getName();
        Pod pod = kubelet.run(kubelet.pod(job));
        try (KubernetesClient run = kubelet.asRun(update)) {
            kubelet.claim(run, update, pod);
        }
        stacks.awaitPhase(update, Phase.Running);
        return pod;
    }

    private void hinder(String stack, String execution, Consumer<Job> hindrance) {
        stacks.create(stack, """
            project: {inline: {name: shop, runtime: yaml}}
            backend: {url: "s3://state"}
            execution: {%s}
            """.formatted(execution));
        hindrance.accept(kubelet.awaitJob(stack + "-1"));
    }

    @Override
    public void close() {
        operator.close();
    }
}
