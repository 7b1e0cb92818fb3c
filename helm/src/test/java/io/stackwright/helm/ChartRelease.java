package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.Release;
import com.marcnuri.helm.UpgradeCommand;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.TestCluster;
import io.stackwright.testkit.TestImages;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The packaged chart as a release of a cluster, in a namespace of its own with the restricted pod security standard. */
final class ChartRelease {

    static final Map<String, String> RESTRICTED = Map.of("pod-security.kubernetes.io/enforce", "restricted");

    private static final int HELM_SECONDS = 600;
    private static final Path ARCHIVE = Path.of(System.getProperty("chart.archive"));

    private final TestCluster cluster;
    private final KubernetesClient client;
    private final String namespace;

    /** To be created in {@code @BeforeAll} or later; nothing is installed yet. */
    ChartRelease(TestCluster cluster) {
        this.cluster = cluster;
        this.client = cluster.client();
        this.namespace = cluster.createNamespace("helm", RESTRICTED);
    }

    String namespace() {
        return namespace;
    }

    /** Installs with the image, and waits until the operators are ready. */
    Release install(TestImages image, UnaryOperator<InstallCommand> values) {
        cluster.load(image.archive());
        adoptDefinitions();
        InstallCommand command = new Helm(ARCHIVE)
                .install()
                .withName(Chart.RELEASE)
                .withNamespace(namespace)
                .withKubeConfig(cluster.kubeconfig())
                .set("image.repository", image.name().split(":")[0])
                .set("image.tag", image.name().split(":")[1])
                .set("image.pullPolicy", "Never")
                .waitReady()
                .withTimeout(HELM_SECONDS);
        return values.apply(command).call();
    }

    /** Upgrades, keeps the values but for these, and waits until the operators are ready. */
    Release upgrade(UnaryOperator<UpgradeCommand> values) {
        UpgradeCommand command = new Helm(ARCHIVE)
                .upgrade()
                .withName(Chart.RELEASE)
                .withNamespace(namespace)
                .withKubeConfig(cluster.kubeconfig())
                .reuseValues()
                .waitReady()
                .withTimeout(HELM_SECONDS);
        return values.apply(command).call();
    }

    /** Uninstalls what there is, if anything; does not wait for the pods' end. */
    void uninstall() {
        Helm.uninstall(Chart.RELEASE)
                .withNamespace(namespace)
                .withKubeConfig(cluster.kubeconfig())
                .ignoreNotFound()
                .call();
    }

    /**
     * Until an uninstalled release has left what the documents say, and nothing else.
     *
     * @param kept in its namespace, as {@code kind/name}
     */
    void awaitGoneBut(String... kept) {
        List<String> left = Stream.concat(
                        Stream.of("configmap/kube-root-ca.crt", "serviceaccount/default"), Stream.of(kept))
                .toList();
        await().atMost(Scenario.PATIENCE)
                .untilAsserted(() -> assertThat(objectsIn(namespace)).containsExactlyInAnyOrderElementsOf(left));
        assertThat(clusterObjects()).containsExactly("namespace/" + namespace);
        assertThat(definitions())
                .hasSize(2)
                .allSatisfy(definition -> assertThat(definition.getMetadata().getDeletionTimestamp())
                        .as(definition.getFullResourceName())
                        .isNull());
    }

    /** The operators' pods, by name. */
    List<Pod> operators() {
        return client
                .pods()
                .inNamespace(namespace)
                .withLabel("app.kubernetes.io/instance", Chart.RELEASE)
                .list()
                .getItems()
                .stream()
                .sorted((one, other) -> one.getMetadata()
                        .getName()
                        .compareTo(other.getMetadata().getName()))
                .toList();
    }

    private List<CustomResourceDefinition> definitions() {
        return client.apiextensions().v1().customResourceDefinitions().list().getItems().stream()
                .filter(definition -> definition.getSpec().getGroup().equals("stackwright.io"))
                .toList();
    }

    /** Definitions that other tests of the cluster have left belong to this release from now on. */
    private void adoptDefinitions() {
        for (CustomResourceDefinition definition : definitions()) {
            client.resource(definition)
                    .edit(found -> new CustomResourceDefinitionBuilder(found)
                            .editMetadata()
                            .addToLabels("app.kubernetes.io/managed-by", "Helm")
                            .addToAnnotations("meta.helm.sh/release-name", Chart.RELEASE)
                            .addToAnnotations("meta.helm.sh/release-namespace", namespace)
                            .endMetadata()
                            .build());
        }
    }

    /** All objects of a namespace but Events, as {@code kind/name}. */
    Set<String> objectsIn(String where) {
        return new TreeSet<>(kubectl("get", kinds(true), "--namespace", where, "--output=name", "--ignore-not-found")
                .lines()
                .toList());
    }

    /** All objects outside of namespaces whose names have that of the release's namespace. */
    Set<String> clusterObjects() {
        return kubectl("get", kinds(false), "--output=name", "--ignore-not-found")
                .lines()
                .filter(name -> name.contains(namespace))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private String kinds(boolean namespaced) {
        return kubectl("api-resources", "--namespaced=" + namespaced, "--verbs=list", "--output=name")
                .lines()
                .filter(kind -> !kind.startsWith("events"))
                .collect(Collectors.joining(","));
    }

    private String kubectl(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Toolchain.kubectl().toString()));
        command.addAll(List.of(arguments));
        return run(command);
    }

    /** Runs a script that calls kubectl, up to the first command that fails, and gives what it prints. */
    String shell(String script) {
        return run(List.of("bash", "-euo", "pipefail", "-c", script));
    }

    private String run(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
        builder.environment().merge("PATH", Toolchain.bin().toString(), (path, bin) -> bin + ":" + path);
        try {
            Process process = builder.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.onExit().join().exitValue()).as("%s", command).isZero();
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
