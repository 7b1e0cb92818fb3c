package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.execution.RunRequest.RunKey;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Notes on a Job that it has had several pods, while they are to be seen. Kubernetes makes another one when a pod vanishes,
 * and counts ends without saying whose: that of the other one would prove the end of the pod that has claimed the run, which
 * may go on where nobody reaches it.
 */
final class ReplacedPods {

    private final KubernetesClient client;
    private final Function<RunKey, Optional<Update>> updates;

    /** @param updates the Update of a run as it is now */
    ReplacedPods(KubernetesClient client, Function<RunKey, Optional<Update>> updates) {
        this.client = client;
        this.updates = updates;
    }

    /**
     * @param pods those of the Job that are there
     * @throws KubernetesClientException when it cannot be noted now
     */
    void note(TrackedRun run, Job job, Collection<Pod> pods) {
        if (isToBeNoted(run, job, pods)) {
            client.resource(job)
                    .patch(PatchContext.of(PatchType.JSON_MERGE), JobObjects.mark(job, JobObjects.REPLACED));
        }
    }

    /**
     * Whether that it has had several is not noted yet.
     *
     * @param pods those of the Job that are there
     */
    boolean isToBeNoted(TrackedRun run, Job job, Collection<Pod> pods) {
        return !pods.isEmpty()
                && !TrackedRun.isReplaced(job)
                && hasHadOthers(
                        run,
                        pods.stream().map(pod -> pod.getMetadata().getUid()).toList());
    }

    /**
     * Whether the run has had other pods than these.
     *
     * @param pods the uids of those that are there
     */
    boolean hasHadOthers(TrackedRun run, List<String> pods) {
        return run.hasAnother(pods) || isAfterTheClaimant(run, pods);
    }

    /** One may have come, claimed the run and vanished before anybody here has looked. */
    private boolean isAfterTheClaimant(TrackedRun run, List<String> pods) {
        if (run.isClaimLookedAt()) {
            return false;
        }
        boolean after = updates.apply(run.key())
                .map(Update::getStatus)
                .map(UpdateStatus::run)
                .map(RunStatus::executor)
                .map(ExecutorStatus::instance)
                .filter(claimant -> !pods.contains(claimant))
                .isPresent();
        run.claimLookedAt(!after);
        return after;
    }
}
