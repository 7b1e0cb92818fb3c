package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.stackwright.api.v1alpha1.Labels;
import java.util.HashMap;
import java.util.Map;

/**
 * Cached Jobs and pods with what is looked at alone: whoever may make Jobs can make many that look like ours, each as large
 * as an object can be, and all of them together must not fill the operator's memory.
 */
final class SlimJobs {

    /** Whatever we write is shorter. */
    private static final int LONGEST = 128;

    private SlimJobs() {}

    static Job slim(Job job) {
        JobSpec spec = new JobSpec();
        if (job.getSpec() != null) {
            spec.setSuspend(job.getSpec().getSuspend());
            spec.setActiveDeadlineSeconds(job.getSpec().getActiveDeadlineSeconds());
        }
        return new JobBuilder(job)
                .withMetadata(slim(job.getMetadata()))
                .withSpec(spec)
                .build();
    }

    static Pod slim(Pod pod) {
        PodSpec spec = new PodSpec();
        if (pod.getSpec() != null) {
            spec.setNodeName(pod.getSpec().getNodeName());
            spec.setSchedulerName(pod.getSpec().getSchedulerName());
        }
        return new PodBuilder(pod)
                .withMetadata(slim(pod.getMetadata()))
                .withSpec(spec)
                .build();
    }

    private static ObjectMeta slim(ObjectMeta metadata) {
        return new ObjectMetaBuilder(metadata)
                .withManagedFields()
                .withFinalizers()
                .withLabels(ours(metadata.getLabels()))
                .withAnnotations(ours(metadata.getAnnotations()))
                .withOwnerReferences(metadata.getOwnerReferences().stream()
                        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                        .toList())
                .build();
    }

    private static Map<String, String> ours(Map<String, String> all) {
        Map<String, String> ours = new HashMap<>();
        if (all != null) {
            all.forEach((key, value) -> {
                boolean ofUs = key.startsWith("stackwright.io/") || key.equals(Labels.MANAGED_BY);
                if (ofUs && value.length() <= LONGEST) {
                    ours.put(key, value);
                }
            });
        }
        return ours;
    }
}
