package io.stackwright.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestClusterIT {

    private static final String IMAGE = "stackwright.test/say:1";
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static TestCluster cluster;
    private static KubernetesClient client;

    @BeforeAll
    static void haveAClusterWithAnImage(@TempDir Path folder) {
        cluster = TestCluster.shared();
        client = cluster.client();
        Path root = Toolchain.root();
        String tools =
                Run.command(List.of(root.resolve("dev/toolchain/bootstrap").toString(), "--node"));
        Path archive = folder.resolve("say.tar");
        Run.command(List.of(
                root.resolve("dev/node/pause-image").toString(), tools + "/bin/pause", archive.toString(), IMAGE));
        cluster.load(archive);
    }

    @Test
    void aJobCompletesItsLogIsReadAndItsPodGoesWithIt() {
        // given
        String namespace = cluster.createNamespace("job");

        // when
        client.resource(job(namespace, "hello from a pod")).create();

        // then
        awaitComplete(namespace);
        assertThat(client.batch()
                        .v1()
                        .jobs()
                        .inNamespace(namespace)
                        .withName("say")
                        .getLog())
                .isEqualToIgnoringNewLines("hello from a pod");

        // when
        client.batch().v1().jobs().inNamespace(namespace).withName("say").delete();

        // then
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                client.pods().inNamespace(namespace).list().getItems())
                        .isEmpty());
    }

    @Test
    void aDeletedNamespaceGoesWithAllThatItHas() {
        // given
        String namespace = cluster.createNamespace("gone");
        client.resource(job(namespace, "once")).create();
        awaitComplete(namespace);

        // when
        client.namespaces().withName(namespace).delete();

        // then
        client.namespaces()
                .withName(namespace)
                .waitUntilCondition(found -> found == null, PATIENCE.toSeconds(), SECONDS);
        assertThat(client.batch().v1().jobs().inNamespace(namespace).list().getItems())
                .isEmpty();
    }

    @Test
    void aRestrictedNamespaceTakesACarefulPodAndRefusesAPrivilegedOne() {
        // given
        String namespace =
                cluster.createNamespace("restricted", Map.of("pod-security.kubernetes.io/enforce", "restricted"));
        Pod privileged = new PodBuilder()
                .withNewMetadata()
                .withName("privileged")
                .withNamespace(namespace)
                .endMetadata()
                .withSpec(say("no")
                        .edit()
                        .editFirstContainer()
                        .editSecurityContext()
                        .withAllowPrivilegeEscalation(true)
                        .withPrivileged(true)
                        .endSecurityContext()
                        .endContainer()
                        .build())
                .build();

        // when
        client.resource(job(namespace, "careful")).create();

        // then
        awaitComplete(namespace);
        assertThatThrownBy(() -> client.resource(privileged).create())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("violates PodSecurity");
    }

    @Test
    void aPodHasTheTokenOfItsServiceAccountAndTheAuthorityOfTheCluster() {
        // given
        String namespace = cluster.createNamespace("token");
        Job job = job(namespace, "token");
        job.getSpec().getTemplate().getSpec().setAutomountServiceAccountToken(true);

        // when
        client.resource(job).create();

        // then
        awaitComplete(namespace);
        var volumes = client.pods()
                .inNamespace(namespace)
                .list()
                .getItems()
                .getFirst()
                .getSpec()
                .getVolumes();
        assertThat(volumes)
                .flatExtracting(v -> v.getProjected().getSources())
                .anySatisfy(s -> assertThat(s.getServiceAccountToken()).isNotNull());
        assertThat(client.configMaps()
                        .inNamespace(namespace)
                        .withName("kube-root-ca.crt")
                        .get())
                .isNotNull();
    }

    private static void awaitComplete(String namespace) {
        client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName("say")
                .waitUntilCondition(
                        j -> j != null
                                && j.getStatus().getConditions().stream()
                                        .anyMatch(c -> c.getType().equals("Complete")
                                                && c.getStatus().equals("True")),
                        PATIENCE.toSeconds(),
                        SECONDS);
    }

    private static Job job(String namespace, String text) {
        return new JobBuilder()
                .withNewMetadata()
                .withName("say")
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withBackoffLimit(0)
                .withNewTemplate()
                .withSpec(say(text))
                .endTemplate()
                .endSpec()
                .build();
    }

    private static PodSpec say(String text) {
        return new PodSpecBuilder()
                .withRestartPolicy("Never")
                .withAutomountServiceAccountToken(false)
                .addNewContainer()
                .withName("say")
                .withImage(IMAGE)
                .withImagePullPolicy("IfNotPresent")
                .withArgs("say", text)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(65532L)
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .endContainer()
                .build();
    }
}
