package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Labels;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.execution.RunRequest.RunKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Stops runs: the pod is deleted, which the runner hears as SIGTERM and has the pod's grace for. A Job makes no second
 * one: a pod that was deleted counts as its one failure.
 */
final class JobStops {

    private static final long PAGE = 50;

    private final KubernetesClient client;
    private final Function<RunKey, Optional<Update>> updates;

    /** @param updates the Update of a run as it is now */
    JobStops(KubernetesClient client, Function<RunKey, Optional<Update>> updates) {
        this.client = client;
        this.updates = updates;
    }

    /**
     * Asks a Job's pods to stop; it is noted on the Job, so that the next operator knows that they were asked.
     *
     * @return false when nothing has been run, and nothing will: then there is no Job any more
     */
    boolean stop(RunKey run, Job job) {
        var ours = client.batch()
                .v1()
                .jobs()
                .inNamespace(job.getMetadata().getNamespace())
                .withName(job.getMetadata().getName());
        if (!TrackedRun.isCancelled(job)) {
            // Nothing else of it: its controller writes too when a pod has started.
            ours.patch(PatchContext.of(PatchType.JSON_MERGE), JobObjects.mark(job, JobObjects.CANCELLED));
        }
        List<Pod> pods = pods(run, job);
        for (Pod pod : pods) {
            if (pod.getMetadata().getDeletionTimestamp() == null) {
                client.resource(pod).delete();
            }
        }
        // One that has claimed the Update and is not there any more has run: the Job tells of its end.
        if (!pods.isEmpty() || isClaimed(run)) {
            return true;
        }
        // A pod that is being made this moment finds its Update ended.
        ours.withPropagationPolicy(DeletionPropagation.BACKGROUND).delete();
        return false;
    }

    /** From the server: a cache that lags would let a pod run on, without its rights and beside the next one. */
    private List<Pod> pods(RunKey run, Job job) {
        var all = client.pods()
                .inNamespace(job.getMetadata().getNamespace())
                .withLabel(Labels.UPDATE_UID, run.updateUid());
        List<Pod> found = new ArrayList<>();
        String next = null;
        do {
            PodList page = all.list(
                    new ListOptionsBuilder().withLimit(PAGE).withContinue(next).build());
            page.getItems().stream()
                    .filter(pod -> JobWatch.controllerOf(pod)
                            .contains(job.getMetadata().getUid()))
                    .forEach(found::add);
            next = page.getMetadata().getContinue();
        } while (found.isEmpty() && next != null && !next.isEmpty());
        return found;
    }

    private boolean isClaimed(RunKey run) {
        return updates.apply(run)
                .map(Update::getStatus)
                .map(UpdateStatus::run)
                .map(RunStatus::executor)
                .isPresent();
    }
}
