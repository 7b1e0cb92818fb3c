package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.ExecutionSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PodTemplateRulesTest {

    /** Each line: what may not be asked for, and the field that the message must begin with. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "spec: {hostNetwork: true}| spec.hostNetwork",
                "spec: {hostPID: true}| spec.hostPID",
                "spec: {hostIPC: true}| spec.hostIPC",
                "spec: {hostUsers: true}| spec.hostUsers",
                "spec: {shareProcessNamespace: true}| spec.shareProcessNamespace",
                "spec: {nodeName: control-plane}| spec.nodeName",
                "spec: {serviceAccountName: admin}| spec.serviceAccountName",
                "spec: {serviceAccount: admin}| spec.serviceAccount",
                "spec: {restartPolicy: Always}| spec.restartPolicy",
                "spec: {activeDeadlineSeconds: 1}| spec.activeDeadlineSeconds",
                "spec: {terminationGracePeriodSeconds: 0}| spec.terminationGracePeriodSeconds",
                "spec: {enableServiceLinks: true}| spec.enableServiceLinks",
                "spec: {hostname: other}| spec.hostname",
                "spec: {resourceClaims: [{name: gpu}]}| spec.resourceClaims",
                "spec: {initContainers: [{name: mine, image: i}]}| spec.initContainers",
                "spec: {ephemeralContainers: [{name: mine}]}| spec.ephemeralContainers",
                "spec: {containers: [{name: sidecar, image: i}]}| spec.containers[0].name",
                "spec: {containers: [{name: pulumi, image: i}]}| spec.containers[0].image",
                "spec: {containers: [{name: pulumi, command: [sh]}]}| spec.containers[0].command",
                "spec: {containers: [{name: pulumi, args: [x]}]}| spec.containers[0].args",
                "spec: {containers: [{name: pulumi, ports: [{hostPort: 80}]}]}| spec.containers[0].ports",
                "spec: {containers: [{name: pulumi, lifecycle: {}}]}| spec.containers[0].lifecycle",
                "spec: {containers: [{name: pulumi, workingDir: /}]}| spec.containers[0].workingDir",
                "spec: {containers: [{name: pulumi, volumeDevices: [{name: v}]}]}| spec.containers[0].volumeDevices",
                "spec: {containers: [{name: pulumi, securityContext: {privileged: true}}]}|"
                        + " spec.containers[0].securityContext.privileged",
                "spec: {containers: [{name: pulumi, securityContext: {allowPrivilegeEscalation: true}}]}|"
                        + " spec.containers[0].securityContext.allowPrivilegeEscalation",
                "spec: {containers: [{name: pulumi, securityContext: {capabilities: {add: [SYS_ADMIN]}}}]}|"
                        + " spec.containers[0].securityContext.capabilities.add",
                "spec: {containers: [{name: pulumi, securityContext: {capabilities: {drop: []}}}]}|"
                        + " spec.containers[0].securityContext.capabilities.drop",
                "spec: {containers: [{name: pulumi, securityContext: {capabilities: {drop: [NET_RAW]}}}]}|"
                        + " spec.containers[0].securityContext.capabilities.drop",
                "spec: {containers: [{name: pulumi, securityContext: {capabilities: {drop: ALL}}}]}|"
                        + " spec.containers[0].securityContext.capabilities.drop",
                "spec: {containers: [{name: pulumi, securityContext: {capabilities: {drop: [ALL, null]}}}]}|"
                        + " spec.containers[0].securityContext.capabilities.drop[1]",
                "spec: {containers: [{name: pulumi, securityContext: {runAsUser: 0}}]}|"
                        + " spec.containers[0].securityContext.runAsUser",
                "spec: {containers: [{name: pulumi, securityContext: {runAsNonRoot: false}}]}|"
                        + " spec.containers[0].securityContext.runAsNonRoot",
                "spec: {containers: [{name: pulumi, securityContext: {procMount: Unmasked}}]}|"
                        + " spec.containers[0].securityContext.procMount",
                "spec: {containers: [{name: pulumi, securityContext: {seccompProfile: {type: Unconfined}}}]}|"
                        + " spec.containers[0].securityContext.seccompProfile.type",
                "spec: {securityContext: {runAsUser: 0}}| spec.securityContext.runAsUser",
                "spec: {securityContext: {runAsUser: '0'}}| spec.securityContext.runAsUser",
                "spec: {securityContext: {runAsNonRoot: false}}| spec.securityContext.runAsNonRoot",
                "spec: {securityContext: {runAsNonRoot: null}}| spec.securityContext.runAsNonRoot",
                "spec: {securityContext: null}| spec.securityContext",
                "spec: {securityContext: {seccompProfile: {type: Unconfined}}}|"
                        + " spec.securityContext.seccompProfile.type",
                "spec: {securityContext: {sysctls: [{name: a, value: b}]}}| spec.securityContext.sysctls",
                "spec: {securityContext: {windowsOptions: {hostProcess: true}}}| spec.securityContext.windowsOptions",
                "spec: {volumes: [{name: v, hostPath: {path: /}}]}| spec.volumes[0].hostPath",
                "spec: {volumes: [{name: v, nfs: {server: s, path: /}}]}| spec.volumes[0].nfs",
                "spec: {volumes: [{name: stackwright-run, emptyDir: {}}]}| spec.volumes[0].name",
                "spec: {volumes: [{name: v, secret: {secretName: shop-8-run-input}}]}|"
                        + " spec.volumes[0].secret.secretName",
                "spec: {volumes: [{name: v, projected: {sources: [{secret: {name: web-12-run-result}}]}}]}|"
                        + " spec.volumes[0].projected.sources[0].secret.name",
                "spec: {containers: [{name: pulumi, envFrom: [{secretRef: {name: web-12-run-input}}]}]}|"
                        + " spec.containers[0].envFrom[0].secretRef.name",
                "spec: {containers: [{name: pulumi, env: [{name: T, valueFrom: {secretKeyRef: {name: web-1-run-input,"
                        + " key: token}}}]}]}| spec.containers[0].env[0].valueFrom.secretKeyRef.name",
                "spec: {containers: [{name: pulumi, env: [{name: POD_UID, value: x}]}]}|"
                        + " spec.containers[0].env[0].name",
                "spec: {containers: [{name: pulumi, env: [{name: LD_PRELOAD, value: x}]}]}|"
                        + " spec.containers[0].env[0].name",
                "metadata: {labels: {app.kubernetes.io/name: stackwright}}| metadata.labels.app.kubernetes.io/name",
                "spec: {containers: [{name: pulumi, env: [{name: JAVA_TOOL_OPTIONS, value: x}]}]}|"
                        + " spec.containers[0].env[0].name",
                "spec: {containers: [{name: pulumi, volumeMounts: [{name: v, mountPath: /stackwright/lib}]}]}|"
                        + " spec.containers[0].volumeMounts[0].mountPath",
                "spec: {containers: [{name: pulumi, volumeMounts: [{name: v, mountPath: /stackwright-run}]}]}|"
                        + " spec.containers[0].volumeMounts[0].mountPath",
                "spec: {containers: [{name: pulumi, volumeMounts: [{name: v, mountPath: /work}]}]}|"
                        + " spec.containers[0].volumeMounts[0].mountPath",
                "spec: {containers: [{name: pulumi, volumeMounts: [{name: v, mountPath: /}]}]}|"
                        + " spec.containers[0].volumeMounts[0].mountPath",
                "spec: {containers: [{name: pulumi, volumeMounts: [{name: v, mountPath: /a/../tmp}]}]}|"
                        + " spec.containers[0].volumeMounts[0].mountPath",
                "spec: {containers: [{name: pulumi, volumeMounts: [{name: v, mountPath:"
                        + " /var/run/secrets/kubernetes.io/serviceaccount}]}]}|"
                        + " spec.containers[0].volumeMounts[0].mountPath",
                "spec: {containers: [{name: pulumi, volumeMounts: [{name: v, mountPath: /a, mountPropagation:"
                        + " Bidirectional}]}]}| spec.containers[0].volumeMounts[0].mountPropagation",
                "spec: {containers: [{$patch: replace}]}| spec.containers[0].$patch",
                "spec: {nodeSelector: {$patch: delete}}| spec.nodeSelector.$patch",
                "spec: {tolerations: [{key: null}]}| spec.tolerations[0].key",
                "spec: {containers: {name: pulumi}}| spec.containers",
                "spec: text| spec",
                "metadata: {name: mine}| metadata.name",
                "metadata: {namespace: other}| metadata.namespace",
                "metadata: {ownerReferences: []}| metadata.ownerReferences",
                "metadata: {finalizers: [a/b]}| metadata.finalizers",
                "metadata: {labels: {stackwright.io/update-uid: x}}| metadata.labels.stackwright.io/update-uid",
                "metadata: {labels: {app.kubernetes.io/managed-by: x}}| metadata.labels.app.kubernetes.io/managed-by",
                "metadata: {labels: {app.kubernetes.io/instance: x}}| metadata.labels.app.kubernetes.io/instance",
                "metadata: {labels: {batch.kubernetes.io/job-name: x}}| metadata.labels.batch.kubernetes.io/job-name",
                "metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/pulumi: unconfined}}|"
                        + " metadata.annotations.container.apparmor.security.beta.kubernetes.io/pulumi",
                "metadata: {annotations: {seccomp.security.alpha.kubernetes.io/pod: unconfined}}|"
                        + " metadata.annotations.seccomp.security.alpha.kubernetes.io/pod",
                "metadata: {annotations: {stackwright.io/cancelled: 'true'}}|"
                        + " metadata.annotations.stackwright.io/cancelled",
                "spec: {priorityClassName: system-cluster-critical}| spec.priorityClassName",
                "spec: {volumes: [{name: v, secret: {secretName: look-run-input}}]}| spec.volumes[0].secret.secretName",
                "spec: {imagePullSecrets: [{name: shop-1-run-input}]}| spec.imagePullSecrets[0].name",
                "spec: {volumes: [{name: v, csi: {driver: d, nodePublishSecretRef: {name: shop-1-run-input}}}]}|"
                        + " spec.volumes[0].csi.nodePublishSecretRef.name",
                "kind: Pod| kind",
                "sepc: {}| sepc"
            })
    void refusesWhatIsNotListedAndNamesIt(String template, String field) {
        assertThat(PodTemplateRules.refusal(read(template)))
                .hasValueSatisfying(
                        message -> assertThat(message).startsWith("spec.execution.podTemplate." + field + ": "));
    }

    /** What is taken; {@link PodSecurityIT} has the API server look at each. */
    static List<String> accepted() {
        return List.of(
                "spec: {nodeSelector: {pool: deploy}, tolerations: [{key: a, operator: Exists}]}",
                "spec: {affinity: {nodeAffinity: {}}, topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone,"
                        + " whenUnsatisfiable: ScheduleAnyway}]}",
                "spec: {priorityClassName: high, runtimeClassName: gvisor, imagePullSecrets: [{name: pull}]}",
                "spec: {automountServiceAccountToken: false, hostUsers: false}",
                "spec: {securityContext: {runAsUser: 1000, runAsNonRoot: true, fsGroup: 1000}}",
                "spec: {securityContext: {runAsGroup: 0, fsGroup: 0, supplementalGroups: [0]}}",
                "spec: {securityContext: {seccompProfile: {type: Localhost, localhostProfile: profiles/a.json}}}",
                "spec: {containers: [{name: pulumi, resources: {limits: {memory: 4Gi}}}]}",
                "spec: {containers: [{name: pulumi, securityContext: {readOnlyRootFilesystem: false}}]}",
                "spec: {containers: [{name: pulumi, securityContext: {}}]}",
                "spec: {containers: [{name: pulumi, securityContext: {capabilities: {}, seccompProfile: {type:"
                        + " RuntimeDefault}}}]}",
                "spec: {containers: [{name: pulumi, securityContext: {capabilities: {drop: [ALL]}}}]}",
                "spec: {containers: [{name: pulumi, securityContext: {capabilities: {drop: [NET_RAW, ALL]}}}]}",
                "spec: {containers: [{name: pulumi, env: [{name: HTTPS_PROXY, value: p}]}]}",
                "spec: {containers: [{name: pulumi, env: [{name: MODE, value: dry-run}, {name: T, valueFrom:"
                        + " {configMapKeyRef: {name: x-run, key: dry-run}}}]}]}",
                "spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: x-run}}, {name: w, configMap: {name:"
                        + " x-1-run, items: [{key: a-run, path: a-run}]}}, {name: s, secret: {secretName: ours, items:"
                        + " [{key: a-run, path: a-run}]}}]}",
                "spec: {containers: [{name: pulumi, volumeMounts: [{name: s, mountPath: /state}]}],"
                        + " volumes: [{name: s, persistentVolumeClaim: {claimName: state}}]}",
                "spec: {volumes: [{name: t, projected: {sources: [{serviceAccountToken: {audience: aws, path:"
                        + " token}}]}}]}",
                "spec: {volumes: [{name: a, csi: {driver: secrets.example.com}}, {name: b, downwardAPI: {items: []}},"
                        + " {name: c, emptyDir: {}}, {name: d, secret: {secretName: s}}, {name: e, configMap: {name:"
                        + " c}}]}",
                "metadata: {labels: {team: shop}, annotations: {cluster-autoscaler.kubernetes.io/safe-to-evict:"
                        + " 'true'}}");
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void takesWhatPodsNeed(String template) {
        assertThat(PodTemplateRules.refusal(read(template))).isEmpty();
    }

    /** The third column: whether the Stack names a claim for its cache. */
    @ParameterizedTest
    @CsvSource({
        "/stackwright-cache, true, false",
        "/stackwright-cache/plugins, true, false",
        "/stackwright-cache/, true, false",
        "/stackwright-cache-of-mine, true, true",
        "/stackwright-cache, false, true"
    })
    void nothingIsMountedOverTheCache(String place, boolean cache, boolean taken) {
        // given
        ExecutionSpec execution = new ExecutionSpec(
                null,
                null,
                read("spec: {containers: [{name: pulumi, volumeMounts: [{name: a, mountPath: /a}, {name: v, mountPath: "
                        + place + "}]}]}"),
                cache ? new ExecutionSpec.Cache("claim") : null);

        // then
        assertThat(PodTemplateRules.refusal(execution))
                .isEqualTo(
                        taken
                                ? Optional.empty()
                                : Optional.of("spec.execution.podTemplate.spec.containers[0].volumeMounts[1].mountPath:"
                                        + " is in the way of /stackwright-cache, where spec.execution.cache is"));
    }

    @Test
    void noTemplateIsNoMistake() {
        assertThat(PodTemplateRules.refusal(new ExecutionSpec(null, null, null, new ExecutionSpec.Cache("claim"))))
                .isEmpty();
    }

    static JsonNode read(String yaml) {
        return Serialization.unmarshal(yaml, JsonNode.class);
    }
}
