package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.ExecutionSpec;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.inputs.ResolvedInputs;
import io.stackwright.operator.settings.OperatorSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobObjectsTest {

    private static final OperatorSettings.Jobs SETTINGS =
            new OperatorSettings.Jobs("stackwright:1", "pulumi:1", Duration.ofHours(1));

    @Test
    void everyObjectIsMarkedAndGoesWithItsUpdate() {
        RunRequest request = request(null);
        for (HasMetadata object : List.of(
                JobObjects.account(request.run()),
                JobObjects.role(request.run()),
                JobObjects.binding(request.run()),
                JobObjects.result(request.run()),
                JobObjects.input(request.run(), Runs.whole()),
                JobObjects.job(request, SETTINGS))) {
            assertThat(object.getMetadata().getLabels())
                    .containsEntry("app.kubernetes.io/managed-by", "stackwright")
                    .containsEntry("stackwright.io/stack", "shop")
                    .containsEntry("stackwright.io/stack-uid", "stack-uid")
                    .containsEntry("stackwright.io/update", "shop-7")
                    .containsEntry("stackwright.io/update-uid", "update-uid");
            assertThat(object.getMetadata().getOwnerReferences())
                    .singleElement()
                    .satisfies(owner -> {
                        assertThat(owner.getKind()).isEqualTo("Update");
                        assertThat(owner.getUid()).isEqualTo("update-uid");
                    });
        }
    }

    @Test
    void theRunMayReportOnItselfAndNothingElse() {
        assertThat(JobObjects.role(request(null).run()).getRules())
                .allSatisfy(rule -> assertThat(rule.getResourceNames()).hasSize(1))
                .extracting(rule -> rule.getVerbs() + " " + rule.getResources() + " " + rule.getResourceNames())
                .containsExactly(
                        "[get] [updates] [shop-7]",
                        "[patch] [updates/status] [shop-7]",
                        "[get, patch] [secrets] [shop-7-run-result]");
        assertThat(JobObjects.account(request(null).run()).getAutomountServiceAccountToken())
                .isFalse();
    }

    /** Or nodes that have an older image of that tag would go on with its runner. */
    @Test
    void theRunnersImageIsPulledAsTheOperatorIsTold() {
        // when
        var built = new OperatorSettings.Jobs("stackwright:latest", "Always", "pulumi:1", Duration.ofHours(1));
        PodSpec pod =
                JobObjects.job(request(null), built).getSpec().getTemplate().getSpec();

        // then
        assertThat(pod.getInitContainers()).singleElement().satisfies(init -> {
            assertThat(init.getImage()).isEqualTo("stackwright:latest");
            assertThat(init.getImagePullPolicy()).isEqualTo("Always");
        });
        assertThat(pod.getContainers().getFirst().getImagePullPolicy()).isEqualTo("IfNotPresent");
    }

    @Test
    void thePodIsRestrictedAndItsRootReadOnly() {
        // when
        PodSpec pod =
                JobObjects.job(request(null), SETTINGS).getSpec().getTemplate().getSpec();

        // then
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(65532);
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(pod.getServiceAccountName()).isEqualTo("default");
        assertThat(pod.getEnableServiceLinks()).isFalse();
        for (Container container :
                List.of(pod.getContainers().getFirst(), pod.getInitContainers().getFirst())) {
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .isFalse();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
            assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
            assertThat(container.getResources().getLimits()).containsKeys("memory");
        }
    }

    @Test
    void theJobIsTriedOnceAndHasTimeForTheRunItsEndAndAWait() {
        // when
        Job job = JobObjects.job(request(null), SETTINGS);

        // then
        Duration timeout = request(null).options().timeout();
        Duration grace = request(null).options().grace();
        assertThat(job.getSpec().getBackoffLimit()).isZero();
        assertThat(job.getSpec().getPodReplacementPolicy()).isEqualTo("Failed");
        assertThat(job.getSpec().getActiveDeadlineSeconds())
                .isEqualTo(timeout.plus(grace).plusHours(1).toSeconds());
        assertThat(job.getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds())
                .isGreaterThan(grace.toSeconds());
    }

    /** An API server may give tokens for less time than it was asked for. */
    @Test
    void aTokenThatEndsBeforeItsRunMayReportIsRefused() {
        // given
        RunRequest request = request(null);
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        Duration asked = Duration.ofSeconds(JobObjects.token(request, JobObjects.input(request.run(), Runs.whole()))
                .getSpec()
                .getExpirationSeconds());
        Duration needed = Duration.ofSeconds(
                        JobObjects.job(request, SETTINGS).getSpec().getActiveDeadlineSeconds())
                .plus(JobObjects.REPORT);

        // then
        assertThat(JobObjects.shortToken(request, now.plus(asked).toString(), now))
                .isEmpty();
        assertThat(JobObjects.shortToken(request, now.plus(needed).toString(), now))
                .isEmpty();
        assertThat(JobObjects.shortToken(
                                request, now.plus(needed).minusSeconds(1).toString(), now)
                        .orElseThrow())
                .contains("spec.updates.timeout", "--service-account-max-token-expiration");
    }

    @Test
    void noSecretIsInTheJob() {
        // given
        RunRequest request = request(null);

        // then
        assertThat(Serialization.asYaml(JobObjects.input(request.run(), Runs.whole())))
                .as("the canary is in what the Job is given")
                .contains(Base64.getEncoder().encodeToString(Runs.whole().toBytes()));
        assertThat(Serialization.asYaml(JobObjects.job(request, SETTINGS))).doesNotContain(Runs.SECRET);
    }

    @Test
    void theTemplateOfTheStackIsMergedByKeys() {
        // when
        Job job = JobObjects.job(request("""
            metadata: {labels: {team: shop}}
            spec:
              nodeSelector: {pool: deploy}
              volumes: [{name: state, persistentVolumeClaim: {claimName: state}}]
              containers:
                - name: pulumi
                  resources: {limits: {memory: 4Gi}}
                  env: [{name: HTTPS_PROXY, value: proxy}]
                  volumeMounts: [{name: state, mountPath: /state}]
            """), SETTINGS);

        // then
        PodSpec pod = job.getSpec().getTemplate().getSpec();
        Container container = pod.getContainers().getFirst();
        assertThat(job.getSpec().getTemplate().getMetadata().getLabels())
                .containsEntry("team", "shop")
                .containsKey("stackwright.io/update-uid");
        assertThat(pod.getContainers()).hasSize(1);
        assertThat(pod.getVolumes()).hasSize(5);
        assertThat(pod.getServiceAccountName()).isEqualTo("deployer");
        assertThat(container.getImage()).isEqualTo("team/pulumi:2");
        assertThat(container.getResources().getLimits().get("memory")).hasToString("4Gi");
        assertThat(container.getResources().getRequests()).containsKey("cpu");
        assertThat(container.getEnv()).extracting("name").containsExactly("POD_NAME", "POD_UID", "HTTPS_PROXY");
        assertThat(container.getVolumeMounts())
                .extracting(VolumeMount::getMountPath)
                .containsExactly("/stackwright", "/stackwright-run", "/work", "/tmp", "/state");
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    }

    /** A quota on a resource wants a limit of it on every container, and the Stack can set those of its own one only. */
    @Test
    void theInitContainerHasTheLimitsThatTheStackSets() {
        // when
        ResourceRequirements plain = initResources(null);
        ResourceRequirements limited = initResources("""
            spec:
              containers:
                - {name: pulumi, resources: {limits: {cpu: "2", memory: 4Gi, ephemeral-storage: 1Gi, example.com/gpu: 1}}}
            """);
        ResourceRequirements tight =
                initResources("spec: {containers: [{name: pulumi, resources: {limits: {cpu: 5m}}}]}");

        // then
        assertThat(plain.getLimits()).containsOnlyKeys("memory");
        assertThat(limited.getLimits()).containsOnlyKeys("cpu", "memory", "ephemeral-storage");
        assertThat(limited.getLimits().get("cpu")).hasToString("2");
        assertThat(limited.getLimits().get("memory")).as("its own").hasToString("256Mi");
        assertThat(limited.getRequests().get("cpu")).hasToString("10m");
        assertThat(tight.getLimits().get("cpu")).hasToString("5m");
        assertThat(tight.getRequests().get("cpu")).as("not above its limit").hasToString("5m");
    }

    /** The API server refuses a pod that requests more than its limit. */
    @Test
    void aLimitBelowOurRequestLowersIt() {
        // when
        Map<String, Quantity> plain = requests("");
        Map<String, Quantity> none = resources("null").getRequests();
        Map<String, Quantity> little = requests("limits: {memory: 128Mi}");
        Map<String, Quantity> slow = requests("limits: {cpu: 20m, memory: 4Gi}");
        Map<String, Quantity> named = requests("requests: {memory: 1Gi, example.com/gpu: 1}, limits: {cpu: 20m}");

        // then
        assertThat(plain).isEqualTo(Map.of("cpu", new Quantity("50m"), "memory", new Quantity("192Mi")));
        assertThat(none).isEqualTo(plain);
        assertThat(little).isEqualTo(Map.of("cpu", new Quantity("50m"), "memory", new Quantity("128Mi")));
        assertThat(slow).isEqualTo(Map.of("cpu", new Quantity("20m"), "memory", new Quantity("192Mi")));
        assertThat(named)
                .as("what the template names stays")
                .isEqualTo(Map.of(
                        "cpu", new Quantity("20m"),
                        "memory", new Quantity("1Gi"),
                        "example.com/gpu", new Quantity("1")));
    }

    @Test
    void aRequestAboveOurLimitRaisesIt() {
        assertThat(resources("{requests: {memory: 4Gi}}").getLimits()).containsEntry("memory", new Quantity("4Gi"));
        assertThat(resources("{requests: {memory: 1Gi}}").getLimits()).containsEntry("memory", new Quantity("2Gi"));
        assertThat(resources("{requests: {memory: 4Gi}, limits: {memory: 3Gi}}").getLimits())
                .as("what the template names stays")
                .containsEntry("memory", new Quantity("3Gi"));
    }

    @Test
    void whatIsNoQuantityIsToldWithItsPlace() {
        assertThatThrownBy(() -> requests("limits: {memory: lots}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("spec.execution.podTemplate: resources of container pulumi: ");
    }

    private static Map<String, Quantity> requests(String resources) {
        return resources("{" + resources + "}").getRequests();
    }

    private static ResourceRequirements resources(String resources) {
        return JobObjects.job(request("spec: {containers: [{name: pulumi, resources: " + resources + "}]}"), SETTINGS)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getResources();
    }

    private static ResourceRequirements initResources(String template) {
        return JobObjects.job(request(template), SETTINGS)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getInitContainers()
                .getFirst()
                .getResources();
    }

    /** Without it the key of a secret takes four seconds of processor time, and with it each start is slower. */
    @Test
    void onlyARunThatEncryptsHasTheSecondCompiler() {
        // given
        ResolvedInputs all = Runs.inputs();
        ResolvedInputs open = new ResolvedInputs(
                all.config().stream().filter(entry -> !entry.secret()).toList(),
                all.environment(),
                all.secrets(),
                all.passphrase());

        // then
        assertThat(command(all)).doesNotContain("-XX:TieredStopAtLevel=1").contains("-XX:+UseSerialGC", "-Xmx128m");
        assertThat(command(open)).contains("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m");
    }

    private static List<String> command(ResolvedInputs inputs) {
        return JobObjects.template(Runs.request(inputs), SETTINGS)
                .getSpec()
                .getContainers()
                .getFirst()
                .getCommand();
    }

    @Test
    void aCacheIsMountedWhereTheRunnerLooksForIt() {
        // when
        PodSpec pod = JobObjects.template(
                        Runs.request(
                                request(null).run(),
                                Optional.of(
                                        new ExecutionSpec(null, null, null, new ExecutionSpec.Cache("pulumi-cache")))),
                        SETTINGS)
                .getSpec();

        // then
        assertThat(pod.getVolumes())
                .filteredOn(volume -> volume.getPersistentVolumeClaim() != null)
                .singleElement()
                .satisfies(volume -> {
                    assertThat(volume.getPersistentVolumeClaim().getClaimName()).isEqualTo("pulumi-cache");
                    assertThat(volume.getPersistentVolumeClaim().getReadOnly()).isNull();
                    assertThat(pod.getContainers().getFirst().getVolumeMounts())
                            .filteredOn(mount -> mount.getName().equals(volume.getName()))
                            .singleElement()
                            .satisfies(mount -> {
                                assertThat(mount.getMountPath()).isEqualTo("/stackwright-cache");
                                assertThat(mount.getReadOnly()).isNull();
                            });
                    assertThat(pod.getInitContainers().getFirst().getVolumeMounts())
                            .extracting(VolumeMount::getName)
                            .doesNotContain(volume.getName());
                });
        assertThat(pod.getSecurityContext().getFsGroupChangePolicy()).isEqualTo("OnRootMismatch");
    }

    @Test
    void withoutACacheNothingIsMountedForOne() {
        // when
        PodSpec pod =
                JobObjects.job(request(null), SETTINGS).getSpec().getTemplate().getSpec();

        // then
        assertThat(pod.getVolumes()).hasSize(4).allMatch(volume -> volume.getPersistentVolumeClaim() == null);
        assertThat(pod.getContainers().getFirst().getVolumeMounts()).hasSize(4);
        assertThat(pod.getSecurityContext().getFsGroupChangePolicy()).isNull();
    }

    @Test
    void aValueOfAWrongTypeIsNamed() {
        assertThatThrownBy(() -> JobObjects.job(request("spec: {tolerations: {key: a}}"), SETTINGS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("spec.execution.podTemplate");
    }

    private static RunRequest request(String template) {
        return Runs.request(
                Runs.request(Runs.inputs()).run(),
                Optional.ofNullable(template)
                        .map(yaml ->
                                new ExecutionSpec("deployer", "team/pulumi:2", PodTemplateRulesTest.read(yaml), null)));
    }
}
