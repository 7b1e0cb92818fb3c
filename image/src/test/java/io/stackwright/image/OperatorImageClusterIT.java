package io.stackwright.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.testkit.TestCluster;
import io.stackwright.testkit.TestImages;
import io.stackwright.testkit.Toolchain;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The image as it is shipped, in a pod of a real node. */
class OperatorImageClusterIT {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private TestCluster cluster;
    private KubernetesClient client;
    private String namespace;

    @BeforeEach
    void prepare() {
        cluster = TestCluster.shared();
        client = cluster.client();
        cluster.applyCrds(Toolchain.root().resolve("crds/manifests"));
        cluster.load(TestImages.operator().archive());
        namespace = cluster.createNamespace("image", Map.of("pod-security.kubernetes.io/enforce", "restricted"));
    }

    @AfterEach
    void removeRights() {
        client.rbac().clusterRoleBindings().withName(namespace).delete();
    }

    /** Pod security `restricted`, and nothing writable but two empty folders. */
    @Test
    void runsWithoutRightsOnAReadOnlyFileSystem() throws Exception {
        // when
        apply(operator());

        // then
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(isReady()).as(state()).isTrue());

        // when: it does what it is for, with the CLI of its image
        apply("""
            apiVersion: stackwright.io/v1alpha1
            kind: Stack
            metadata: {name: shop, namespace: NAMESPACE}
            spec:
              project:
                inline: {name: shop, runtime: yaml, outputs: {answer: 42}}
            """);

        // then
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(client.genericKubernetesResources("stackwright.io/v1alpha1", "Stack")
                                .inNamespace(namespace)
                                .withName("shop")
                                .get()
                                .<Object>get("status", "outputs", "answer"))
                        .as(state())
                        .isEqualTo(42));
    }

    private void apply(String yaml) {
        client.load(new ByteArrayInputStream(yaml.replace("NAMESPACE", namespace)
                        .replace("IMAGE", TestImages.operator().name())
                        .getBytes(StandardCharsets.UTF_8)))
                .create();
    }

    private boolean isReady() {
        Pod pod = client.pods().inNamespace(namespace).withName("operator").get();
        return pod != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(c ->
                                c.getType().equals("Ready") && c.getStatus().equals("True"));
    }

    private String state() {
        Pod pod = client.pods().inNamespace(namespace).withName("operator").get();
        String log;
        try {
            log = client.pods().inNamespace(namespace).withName("operator").getLog();
        } catch (RuntimeException e) {
            log = e.getMessage();
        }
        return (pod == null ? "no pod" : pod.getStatus().toString()) + "\n" + log;
    }

    private static String operator() {
        return """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: operator, namespace: NAMESPACE}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: NAMESPACE}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
            subjects: [{kind: ServiceAccount, name: operator, namespace: NAMESPACE}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: operator, namespace: NAMESPACE}
            spec:
              serviceAccountName: operator
              securityContext:
                runAsNonRoot: true
                seccompProfile: {type: RuntimeDefault}
              containers:
                - name: operator
                  image: IMAGE
                  imagePullPolicy: IfNotPresent
                  args: [--watch-namespaces=NAMESPACE, --operator-namespace=NAMESPACE]
                  securityContext:
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: true
                    capabilities: {drop: [ALL]}
                  resources: {requests: {memory: 256Mi}, limits: {memory: 1Gi}}
                  readinessProbe:
                    httpGet: {path: /readyz, port: 8080}
                    periodSeconds: 1
                  volumeMounts:
                    - {name: data, mountPath: /var/lib/stackwright}
                    - {name: tmp, mountPath: /tmp}
              volumes:
                - {name: data, emptyDir: {}}
                - {name: tmp, emptyDir: {}}
            """;
    }
}
