package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.stackwright.api.v1alpha1.ExecutionSpec;
import io.stackwright.api.v1alpha1.Labels;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.inputs.ConfigEntry;
import io.stackwright.operator.settings.OperatorSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The pod of a run before the Stack's template is merged over it: Kubernetes' restricted pod security, a read-only root,
 * four volumes of ours, and a cache where the Stack names a claim.
 */
final class JobPods {

    private static final String RUNNER = JobObjects.VOLUME_PREFIX;
    private static final String INPUT = JobObjects.VOLUME_PREFIX + "-run";
    private static final String WORK = JobObjects.VOLUME_PREFIX + "-work";
    private static final String CACHE = JobObjects.VOLUME_PREFIX + "-cache";
    private static final String TMP = JobObjects.VOLUME_PREFIX + "-tmp";

    /** For the owner's group, which the kubelet makes the pod's. */
    private static final int READ_BY_GROUP = 0440;

    private static final String MAIN = "io.stackwright.operator.execution.job.RunnerMain";

    private JobPods() {}

    static PodTemplateSpec template(
            Map<String, String> labels, RunRequest request, OperatorSettings.Jobs settings, Duration grace, long user) {
        Optional<ExecutionSpec> execution = request.execution();
        Optional<String> cache = execution.map(ExecutionSpec::cache).map(ExecutionSpec.Cache::claimName);
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                // A pod that is moved is a run that is interrupted.
                .addToAnnotations("cluster-autoscaler.kubernetes.io/safe-to-evict", "false")
                .addToAnnotations("karpenter.sh/do-not-disrupt", "true")
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withServiceAccountName(
                        execution.map(ExecutionSpec::serviceAccountName).orElse("default"))
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(grace.toSeconds())
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(user)
                .withRunAsGroup(user)
                .withFsGroup(user)
                // A cache has many files, and all are the group's but the first time.
                .withFsGroupChangePolicy(cache.isPresent() ? "OnRootMismatch" : null)
                .withNewSeccompProfile(null, "RuntimeDefault")
                .endSecurityContext()
                .withInitContainers(init(settings))
                .withContainers(
                        main(execution.map(ExecutionSpec::image).orElse(settings.image()), cache, compilers(request)))
                .withVolumes(
                        scratch(RUNNER),
                        new VolumeBuilder()
                                .withName(INPUT)
                                .withNewSecret()
                                .withSecretName(RunObjects.input(labels.get(Labels.UPDATE)))
                                .withDefaultMode(READ_BY_GROUP)
                                .endSecret()
                                .build(),
                        scratch(WORK),
                        scratch(TMP))
                .addAllToVolumes(cache.map(JobPods::claim).stream().toList())
                .endSpec()
                .build();
    }

    private static Container init(OperatorSettings.Jobs settings) {
        return new ContainerBuilder()
                .withName(JobObjects.INIT_CONTAINER)
                .withImage(settings.runnerImage())
                .withImagePullPolicy(settings.runnerPullPolicy())
                // Not the folder itself: that of the volume belongs to root, and its times cannot be set.
                .withCommand(
                        "cp",
                        "-a",
                        JobObjects.IMAGE_HOME + "/jre",
                        JobObjects.IMAGE_HOME + "/lib",
                        JobObjects.IMAGE_HOME + "/stackwright-operator.jar",
                        JobObjects.HOME + "/")
                .withVolumeMounts(mount(RUNNER, JobObjects.HOME, false))
                .withSecurityContext(restricted())
                .withNewResources()
                .addToRequests("cpu", new Quantity("10m"))
                .addToRequests("memory", new Quantity("32Mi"))
                .addToLimits("memory", new Quantity("256Mi"))
                .endResources()
                .build();
    }

    /**
     * The second compiler makes a start slower, and Pulumi's encryption four times as fast: its key takes a million rounds of
     * a digest, for which only that compiler knows the processor's own instructions.
     */
    private static List<String> compilers(RunRequest request) {
        boolean encrypts = request.inputs().config().stream().anyMatch(ConfigEntry::secret);
        return encrypts ? List.of() : List.of("-XX:TieredStopAtLevel=1");
    }

    private static Container main(String image, Optional<String> cache, List<String> compilers) {
        return new ContainerBuilder()
                .withName(JobObjects.CONTAINER)
                .withImage(image)
                .withImagePullPolicy("IfNotPresent")
                .withCommand(JobObjects.HOME + "/jre/bin/java", "-XX:+UseSerialGC")
                .addAllToCommand(compilers)
                .addToCommand(
                        "-XX:-UsePerfData",
                        "-Xmx128m",
                        // A constructor or method that is called once or twice is not worth a class made for it.
                        "-Djdk.reflect.useNativeAccessorOnly=true",
                        "-cp",
                        JobObjects.HOME + "/stackwright-operator.jar",
                        MAIN,
                        JobObjects.INPUT_PATH)
                .addNewEnv()
                .withName(RunObjects.POD_NAME)
                .withNewValueFrom()
                .withNewFieldRef("v1", "metadata.name")
                .endValueFrom()
                .endEnv()
                .addNewEnv()
                .withName(RunObjects.POD_UID)
                .withNewValueFrom()
                .withNewFieldRef("v1", "metadata.uid")
                .endValueFrom()
                .endEnv()
                .withVolumeMounts(
                        mount(RUNNER, JobObjects.HOME, true),
                        mount(INPUT, JobObjects.INPUT_PATH, true),
                        mount(WORK, JobObjects.WORK, false),
                        mount(TMP, "/tmp", false))
                .addAllToVolumeMounts(cache.map(claim -> mount(CACHE, JobObjects.CACHE, false)).stream()
                        .toList())
                .withSecurityContext(restricted())
                .withNewResources()
                .addToLimits("memory", PodResources.MEMORY)
                .endResources()
                .build();
    }

    private static SecurityContext restricted() {
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withRunAsNonRoot(true)
                .withNewCapabilities()
                .withDrop(List.of("ALL"))
                .endCapabilities()
                .build();
    }

    private static Volume claim(String name) {
        return new VolumeBuilder()
                .withName(CACHE)
                .withNewPersistentVolumeClaim(name, null)
                .build();
    }

    private static Volume scratch(String name) {
        return new VolumeBuilder()
                .withName(name)
                .withNewEmptyDir()
                .endEmptyDir()
                .build();
    }

    private static VolumeMount mount(String volume, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(path)
                .withReadOnly(readOnly ? true : null)
                .build();
    }
}
