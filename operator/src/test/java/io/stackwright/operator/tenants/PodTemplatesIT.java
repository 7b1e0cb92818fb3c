package io.stackwright.operator.tenants;

import static io.stackwright.operator.tenants.TwoTenants.A;
import static io.stackwright.operator.tenants.TwoTenants.B;
import static io.stackwright.operator.tenants.TwoTenants.createStack;
import static io.stackwright.operator.tenants.TwoTenants.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.stackwright.api.v1alpha1.Reason;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whoever may edit Stacks may not be allowed to create pods: the pod that the operator makes for them gets them neither
 * the node, nor other pods, nor another account, nor another image's credentials.
 */
class PodTemplatesIT {

    private static final String PROJECT = "project: {inline: {name: pod, runtime: yaml}}\n";

    @TempDir
    private static Path folder;

    private static TwoTenants cluster;

    @BeforeAll
    static void start() {
        cluster = TwoTenants.start(folder);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void remember() {
        cluster.remember();
    }

    @AfterEach
    void nothingTouchedOrRead() {
        cluster.assertNothingTouchedOrRead();
    }

    /** Each line: the attack, a pod template, and the field that the message begins with. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "host-path| spec: {volumes: [{name: v, hostPath: {path: /}}]}| spec.volumes[0].hostPath",
                "host-network| spec: {hostNetwork: true}| spec.hostNetwork",
                "host-pid| spec: {hostPID: true}| spec.hostPID",
                "host-ipc| spec: {hostIPC: true}| spec.hostIPC",
                "host-users| spec: {hostUsers: true}| spec.hostUsers",
                "host-port| spec: {containers: [{name: pulumi, ports: [{containerPort: 1, hostPort: 80}]}]}|"
                        + " spec.containers[0].ports",
                "node-name| spec: {nodeName: control-plane}| spec.nodeName",
                "privileged| spec: {containers: [{name: pulumi, securityContext: {privileged: true}}]}|"
                        + " spec.containers[0].securityContext.privileged",
                "capabilities| spec: {containers: [{name: pulumi, securityContext: {capabilities: {add:"
                        + " [SYS_ADMIN]}}}]}| spec.containers[0].securityContext.capabilities.add",
                "capabilities-kept| spec: {containers: [{name: pulumi, securityContext: {capabilities: {drop: []}}}]}|"
                        + " spec.containers[0].securityContext.capabilities.drop",
                "escalation| spec: {containers: [{name: pulumi, securityContext: {allowPrivilegeEscalation:"
                        + " true}}]}| spec.containers[0].securityContext.allowPrivilegeEscalation",
                "root| spec: {securityContext: {runAsUser: 0}}| spec.securityContext.runAsUser",
                "seccomp| spec: {securityContext: {seccompProfile: {type: Unconfined}}}|"
                        + " spec.securityContext.seccompProfile.type",
                "apparmor-field| spec: {securityContext: {appArmorProfile: {type: Unconfined}}}|"
                        + " spec.securityContext.appArmorProfile",
                "apparmor| metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/pulumi:"
                        + " unconfined}}| metadata.annotations.container.apparmor.security.beta.kubernetes.io/pulumi",
                "selinux| spec: {securityContext: {seLinuxOptions: {type: spc_t}}}|"
                        + " spec.securityContext.seLinuxOptions",
                "proc-mount| spec: {containers: [{name: pulumi, securityContext: {procMount: Unmasked}}]}|"
                        + " spec.containers[0].securityContext.procMount",
                "sysctl| spec: {securityContext: {sysctls: [{name: a, value: b}]}}| spec.securityContext.sysctls",
                "init-container| spec: {initContainers: [{name: mine, image: i}]}| spec.initContainers",
                "our-init-container| spec: {initContainers: [{name: runner, image: i}]}| spec.initContainers",
                "ephemeral| spec: {ephemeralContainers: [{name: mine, image: i}]}| spec.ephemeralContainers",
                "sidecar| spec: {containers: [{name: mine}]}| spec.containers[0].name",
                "command| spec: {containers: [{name: pulumi, command: [sh]}]}| spec.containers[0].command",
                "image| spec: {containers: [{name: pulumi, image: i}]}| spec.containers[0].image",
                "account| spec: {serviceAccountName: other}| spec.serviceAccountName",
                "old-account| spec: {serviceAccount: other}| spec.serviceAccount",
                "token-secret| spec: {volumes: [{name: v, secret: {secretName: shop-1-run-input}}]}|"
                        + " spec.volumes[0].secret.secretName",
                "token-of-a-persons-update| spec: {volumes: [{name: v, secret: {secretName: look-run-input}}]}|"
                        + " spec.volumes[0].secret.secretName",
                "projected-input| spec: {volumes: [{name: v, projected: {sources: [{secret: {name:"
                        + " shop-1-run-input}}]}}]}| spec.volumes[0].projected.sources[0].secret.name",
                "env-from-input| spec: {containers: [{name: pulumi, envFrom: [{secretRef: {name:"
                        + " shop-1-run-input}}]}]}| spec.containers[0].envFrom[0].secretRef.name",
                "env-of-input| spec: {containers: [{name: pulumi, env: [{name: T, valueFrom: {secretKeyRef: {name:"
                        + " shop-1-run-input, key: token}}}]}]}| spec.containers[0].env[0].valueFrom.secretKeyRef.name",
                "input-as-pull-secret| spec: {imagePullSecrets: [{name: shop-1-run-input}]}|"
                        + " spec.imagePullSecrets[0].name",
                "sub-path| spec: {containers: [{name: pulumi, volumeMounts: [{name: v, mountPath: /a, subPathExpr:"
                        + " $(X)}]}]}| spec.containers[0].volumeMounts[0].subPathExpr",
                "propagation| spec: {containers: [{name: pulumi, volumeMounts: [{name: v, mountPath: /a,"
                        + " mountPropagation: Bidirectional}]}]}|"
                        + " spec.containers[0].volumeMounts[0].mountPropagation",
                "over-the-runner| spec: {containers: [{name: pulumi, volumeMounts: [{name: v, mountPath:"
                        + " /stackwright/lib}]}]}| spec.containers[0].volumeMounts[0].mountPath",
                "over-the-token| spec: {containers: [{name: pulumi, volumeMounts: [{name: v, mountPath:"
                        + " /var/run/secrets/kubernetes.io/serviceaccount}]}]}|"
                        + " spec.containers[0].volumeMounts[0].mountPath",
                "nfs| spec: {volumes: [{name: v, nfs: {server: s, path: /}}]}| spec.volumes[0].nfs",
                "flex| spec: {volumes: [{name: v, flexVolume: {driver: d}}]}| spec.volumes[0].flexVolume",
                "critical| spec: {priorityClassName: system-node-critical}| spec.priorityClassName",
                "our-labels| metadata: {labels: {stackwright.io/update-uid: x}}|"
                        + " metadata.labels.stackwright.io/update-uid",
                "namespace| metadata: {namespace: team-b}| metadata.namespace",
                "owner| metadata: {ownerReferences: []}| metadata.ownerReferences",
                "directive| spec: {containers: [{$patch: replace}]}| spec.containers[0].$patch"
            })
    void aTemplateGetsNothingThatIsNotItsOwn(String attack, String template, String field) {
        // when
        createStack(cluster.editor, A, attack, PROJECT + "execution:\n  podTemplate: {" + template + "}");

        // then
        assertThat(cluster.seenA.awaitStalled(attack, Reason.InvalidSpec).message())
                .startsWith("spec.execution.podTemplate." + field + ": ");
        assertThat(cluster.seenA.updates(attack)).isEmpty();
        assertThat(cluster.jobsOf(attack)).isEmpty();
    }

    /** A projected token is that of the pod's own account; a field that would name another one does not exist. */
    @Test
    void aProjectedTokenNamesNoOtherAccount() {
        // when
        createStack(cluster.editor, A, "projected", PROJECT + """
            execution:
              podTemplate: {spec: {volumes: [{name: v, projected: {sources: [{serviceAccountToken:
                {path: token, serviceAccountName: deployer-of-b}}]}}]}}
            """);

        // then
        assertThat(cluster.seenA.awaitStalled("projected", Reason.InvalidSpec).message())
                .contains("serviceAccountName");
        assertThat(cluster.jobsOf("projected")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"team-b/deployer-of-b", "system:serviceaccount:team-b:deployer-of-b", "../deployer-of-b"})
    void anAccountIsNamedWithoutItsNamespace(String account) {
        assertThat(refused(() -> createStack(
                        cluster.editor,
                        A,
                        "account-path",
                        PROJECT + "execution: {serviceAccountName: \"" + account + "\"}")))
                .isEqualTo(422);
    }

    /** The account exists in team B's namespace only. The pod is one of team A's, where Kubernetes finds none. */
    @Test
    void anAccountOfAnotherNamespaceRunsNothing() {
        // when
        createStack(cluster.editor, A, "account-of-b", PROJECT + "execution: {serviceAccountName: deployer-of-b}");
        Job job = cluster.kubeletA.awaitJob("account-of-b-1");

        // then
        assertThat(job.getSpec().getTemplate().getSpec().getServiceAccountName())
                .isEqualTo("deployer-of-b");
        assertThat(job.getMetadata().getNamespace()).isEqualTo(A);
        assertThat(job.getSpec().getTemplate().getMetadata().getNamespace()).isNull();
        assertThat(cluster.admin
                        .serviceAccounts()
                        .inNamespace(A)
                        .withName("deployer-of-b")
                        .get())
                .isNull();

        // when the Job controller says so
        cluster.kubeletA.warn(
                job,
                "FailedCreate",
                "error looking up service account team-a/deployer-of-b: serviceaccount"
                        + " \"deployer-of-b\" not found");

        // then
        cluster.seenA.awaitInProgress("account-of-b", Reason.ServiceAccountNotFound);
    }

    @ParameterizedTest
    @ValueSource(strings = {"shop-1-run", "look-run"})
    void theAccountOfARunRunsNothing(String account) {
        // when
        createStack(cluster.editor, A, "as-" + account, PROJECT + "execution: {serviceAccountName: " + account + "}");

        // then
        assertThat(cluster.seenA
                        .awaitStalled("as-" + account, Reason.InvalidSpec)
                        .message())
                .startsWith("spec.execution.serviceAccountName: ");
    }

    /** Pull secrets are those of the pod's namespace; the operator's own are neither copied nor named. */
    @Test
    void anImageIsPulledWithoutTheOperatorsPullSecret() {
        // when
        createStack(cluster.editor, A, "pull", PROJECT + """
            execution:
              image: registry.example.com/operators/private:1
              podTemplate: {spec: {imagePullSecrets: [{name: pull}], containers:
                [{name: pulumi, imagePullPolicy: Always}]}}
            """);
        PodSpec pod =
                cluster.kubeletA.awaitJob("pull-1").getSpec().getTemplate().getSpec();

        // then
        assertThat(pod.getImagePullSecrets()).extracting("name").containsExactly("pull");
        assertThat(cluster.seenA.secret("pull")).as("of that name in team A").isNull();

        // when nothing is asked for
        createStack(cluster.editor, A, "plain", PROJECT);

        // then
        assertThat(cluster.kubeletA
                        .awaitJob("plain-1")
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getImagePullSecrets())
                .isEmpty();
    }

    /** A claim is one of the pod's namespace: whatever it is called, it is not team B's. */
    @Test
    void aFolderIsOneOfTheNamespacesOwnClaims() {
        // when
        createStack(cluster.editor, A, "claim", PROJECT + """
            backend: {url: "file:///state"}
            execution:
              podTemplate: {spec: {volumes: [{name: s, persistentVolumeClaim: {claimName: state-of-b}}], containers:
                [{name: pulumi, volumeMounts: [{name: s, mountPath: /state}]}]}}
            """);

        // then
        Job job = cluster.kubeletA.awaitJob("claim-1");
        assertThat(job.getMetadata().getNamespace()).isEqualTo(A);
        assertThat(job.getSpec().getTemplate().getSpec().getVolumes())
                .filteredOn(volume -> volume.getPersistentVolumeClaim() != null)
                .singleElement()
                .returns(
                        "state-of-b",
                        volume -> volume.getPersistentVolumeClaim().getClaimName());
        for (String namespace : List.of(A, B)) {
            assertThat(cluster.admin
                            .persistentVolumeClaims()
                            .inNamespace(namespace)
                            .list()
                            .getItems())
                    .as("nobody makes one")
                    .isEmpty();
        }
    }
}
