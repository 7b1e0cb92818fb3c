package io.stackwright.testkit;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Assumptions;

/**
 * A whole Kubernetes for the tests called {@code *ClusterIT}: pods run, Jobs complete, garbage is collected.
 *
 * <p>The first that can be had, decided once per JVM:
 *
 * <ol>
 *   <li>the cluster of the kubeconfig that {@code STACKWRIGHT_TEST_KUBECONFIG} names;
 *   <li>K3s in a container, where Docker and the image {@code STACKWRIGHT_TEST_K3S_IMAGE} can be had;
 *   <li>the node that {@code dev/node/up} starts on this machine: Linux and root only. All modules of a Maven build
 *       share it.
 * </ol>
 *
 * <p>In CI the node comes before K3s, and beside a given cluster: some tests end its servers and read its volumes, and there
 * none may be skipped ({@link #withinReach}).
 *
 * <p>{@code STACKWRIGHT_TEST_CLUSTER=given|k3s|node} asks for one of them and no other.
 *
 * <p>Tests keep apart by namespaces ({@link #createNamespace}), which are deleted at the end of the JVM. A container or
 * node ends with the JVM or the build also when that is killed; in a given cluster the next run deletes what a killed
 * one left.
 */
public final class TestCluster {

    private static final String MADE_BY = "stackwright.io/test-namespace";
    private static final Duration FORGOTTEN = Duration.ofHours(6);

    private final Cluster cluster;
    private final KubernetesClient client;
    private final ConcurrentLinkedQueue<String> namespaces = new ConcurrentLinkedQueue<>();

    private TestCluster(Cluster cluster) {
        this.cluster = cluster;
        this.client = newClient();
    }

    /**
     * The cluster that the tests of this JVM share: had at the first call, let go at the JVM's end. To be called from a
     * {@code @BeforeAll} method or a test, not from the initializer of a static field: where there is no cluster it
     * skips the caller's tests and says why, but in CI (environment {@code CI=true}) it fails.
     *
     * @throws IllegalStateException when there is no cluster and there has to be one
     */
    public static TestCluster shared() {
        return cluster(Shared.OUTCOME);
    }

    private static TestCluster cluster(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Found found -> found.cluster();
            case Outcome.Missing missing -> {
                if (isCi() || asked().isPresent()) {
                    throw new IllegalStateException(missing.reason());
                }
                yield Assumptions.abort(missing.reason());
            }
        };
    }

    /**
     * The cluster for tests that end servers and read volumes, which only the local node lets them. In CI it is that one, be
     * it beside a given cluster; elsewhere it is the shared one, and where {@link #localNode} is empty such a test is skipped.
     * To be called as {@link #shared} is.
     *
     * @throws IllegalStateException when the local node cannot be had and there has to be one
     */
    public static TestCluster withinReach() {
        TestCluster shared = shared();
        return needsNodeBeside(shared.localNode().isPresent(), asked(), isCi()) ? cluster(NodeBeside.OUTCOME) : shared;
    }

    static boolean needsNodeBeside(boolean isNode, Optional<String> asked, boolean ci) {
        return ci && !isNode && asked.isEmpty();
    }

    /** What it is, for people: a given cluster, K3s, or the local node. */
    public String description() {
        return cluster.description();
    }

    /** A kubeconfig of an administrator, for kubectl and for other processes of this machine. */
    public Path kubeconfig() {
        return cluster.kubeconfig();
    }

    /** A fresh client configuration of an administrator, free for changes such as impersonation. */
    public Config config() {
        return Config.fromKubeconfig(kubeconfig().toFile());
    }

    /** The client of this cluster: shared by all callers. Do not close it. */
    public KubernetesClient client() {
        return client;
    }

    /** A client of the caller's own, to be closed by whoever it is given to. */
    public KubernetesClient newClient() {
        return new KubernetesClientBuilder().withConfig(config()).build();
    }

    /** The local node, for tests that stop its servers; empty when the cluster is another. */
    public Optional<LocalNode> localNode() {
        return cluster instanceof LocalNode node ? Optional.of(node) : Optional.empty();
    }

    /** Creates a namespace with a name that nothing else has. It is deleted at the end of the JVM, with all it has. */
    public String createNamespace(String prefix) {
        return createNamespace(prefix, Map.of());
    }

    /** {@link #createNamespace(String)} with labels, such as those of pod security. */
    public String createNamespace(String prefix, Map<String, String> labels) {
        // Other JVMs, and other builds, may use the same cluster.
        String name = prefix + "-" + UUID.randomUUID().toString().substring(0, 8);
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels(MADE_BY, "true")
                        .addToLabels(labels)
                        .endMetadata()
                        .build())
                .create();
        namespaces.add(name);
        return name;
    }

    /** Applies every CustomResourceDefinition of the folder's YAML files and waits until they are served. */
    public void applyCrds(Path crds) {
        new Crds(client).apply(crds);
    }

    /**
     * Imports an image, as docker-archive or OCI archive, so that pods can use it with {@code imagePullPolicy:
     * IfNotPresent} or {@code Never}. An archive that the cluster has already costs nothing.
     *
     * <p>For a given cluster {@code STACKWRIGHT_TEST_IMAGE_LOAD} is a command that takes the archive as last argument,
     * like {@code kind load image-archive}; without it the cluster is taken to have the image.
     */
    public void load(Path archive) {
        cluster.load(archive);
    }

    private void release() {
        namespaces.forEach(name -> client.namespaces().withName(name).delete());
        client.close();
        cluster.close();
    }

    /** Namespaces of tests that were killed. */
    private void deleteForgotten() {
        Instant limit = Instant.now().minus(FORGOTTEN);
        for (Namespace namespace : client.namespaces().withLabel(MADE_BY).list().getItems()) {
            var created = OffsetDateTime.parse(namespace.getMetadata().getCreationTimestamp());
            if (created.toInstant().isBefore(limit)) {
                client.resource(namespace).delete();
            }
        }
    }

    private static Outcome find(List<Cluster.Source> sources) {
        List<String> reasons = new ArrayList<>();
        for (Cluster.Source source : sources) {
            try {
                TestCluster found = new TestCluster(source.get());
                Runtime.getRuntime().addShutdownHook(new Thread(found::release, "test-cluster-release"));
                found.deleteForgotten();
                System.err.println("Cluster for tests: " + found.description());
                return new Outcome.Found(found);
            } catch (Cluster.Unavailable e) {
                reasons.add("- " + e.getMessage());
            }
        }
        String reason = "There is no cluster for tests that need one:\n" + String.join("\n", reasons);
        System.err.println(reason);
        return new Outcome.Missing(reason);
    }

    static List<Cluster.Source> sources(Optional<String> asked, boolean ci) {
        List<Cluster.Source> sources = ci
                ? List.of(Cluster.Source.GIVEN, Cluster.Source.NODE, Cluster.Source.K3S)
                : List.of(Cluster.Source.GIVEN, Cluster.Source.K3S, Cluster.Source.NODE);
        return sources.stream()
                .filter(source -> asked.isEmpty() || asked.get().equalsIgnoreCase(source.name()))
                .toList();
    }

    private static Optional<String> asked() {
        return Optional.ofNullable(System.getenv("STACKWRIGHT_TEST_CLUSTER"));
    }

    private static boolean isCi() {
        return Boolean.parseBoolean(System.getenv("CI"));
    }

    private sealed interface Outcome {
        record Found(TestCluster cluster) implements Outcome {}

        record Missing(String reason) implements Outcome {}
    }

    /** Delays the search until somebody asks. */
    private static final class Shared {
        static final Outcome OUTCOME = find(sources(asked(), isCi()));
    }

    /** Starts it when somebody asks. */
    private static final class NodeBeside {
        static final Outcome OUTCOME = find(List.of(Cluster.Source.NODE));
    }
}
