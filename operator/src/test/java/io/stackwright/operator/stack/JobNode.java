package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.StackwrightOperator;
import io.stackwright.operator.execution.job.RunObjects;
import io.stackwright.operator.kube.KubeClients;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.testkit.LocalNode;
import io.stackwright.testkit.TestCluster;
import io.stackwright.testkit.TestImages;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/**
 * An operator that makes Jobs on a real node, and what its tests are about: a namespace with the restricted pod security
 * standard, a volume for state, Stacks. The operator is a part of this JVM; its Jobs are not.
 */
public final class JobNode {

    static final String CANARY = "canary-on-the-node";

    static final String EXECUTION = """
        backend: {url: "file:///state"}
        updates: {timeout: 5m, grace: 30s, retry: {initial: 2s, max: 4s}}
        execution:
          podTemplate:
            spec:
              volumes: [{name: state, persistentVolumeClaim: {claimName: state}}]
              containers: [{name: pulumi, volumeMounts: [{name: state, mountPath: /state}]}]
        """;

    static final String SPEC = """
        project:
          inline:
            name: hello
            runtime: yaml
            config: {greeting: {type: string}, password: {type: string}}
            resources: {kept: {type: "pulumi:index:Stash", properties: {input: "${greeting}"}}}
            outputs: {greeting: "${greeting}", password: "${password}"}
        config: {greeting: hi}
        configFrom: [{key: password, secretKeyRef: {name: cloud, key: token}}]
        """ + EXECUTION;

    static final String SLOW = """
        project: {configMap: {name: slow}, install: Never}
        """ + EXECUTION;

    /** Pods and the one API server share the processors: waiting for them is not to slow them down. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(300);

    static {
        Awaitility.setDefaultPollInterval(BETWEEN_LOOKS);
    }

    private final TestCluster cluster;
    private final KubernetesClient client;
    private final String namespace;
    private final OperatorSettings settings;
    private final Stacks stacks;
    private StackwrightOperator operator;

    /** To be created in {@code @BeforeAll}; the operator is not started yet. */
    public JobNode(Path data) {
        this(data, TestCluster.withinReach(), Set.of(), "INFO");
    }

    /**
     * The same.
     *
     * @param cluster {@link TestCluster#shared()} for tests that need neither its servers nor its volumes
     * @param sourceHosts from where sources may come besides public addresses
     * @param logLevel of operator and runners
     */
    JobNode(Path data, TestCluster cluster, Set<String> sourceHosts, String logLevel) {
        this.cluster = cluster;
        this.client = cluster.client();
        cluster.load(TestImages.pulumi().archive());
        cluster.load(TestImages.operator().archive());
        cluster.applyCrds(Toolchain.root().resolve("crds/manifests"));
        namespace = cluster.createNamespace("jobs", Map.of("pod-security.kubernetes.io/enforce", "restricted"));
        claimVolume("state");
        stacks = new Stacks(client, namespace);
        stacks.putSecret("cloud", Map.of("token", CANARY));
        stacks.putConfigMap(
                "slow",
                Map.of(
                        "Pulumi.yaml", "name: slow\nruntime: python\n",
                        "__main__.py", "import pulumi, time\ntime.sleep(10)\npulumi.export('slept', True)\n"));
        settings = new OperatorSettings(
                        data,
                        namespace,
                        Set.of(namespace),
                        "file:///state",
                        64,
                        "pulumi",
                        0,
                        sourceHosts,
                        64 << 20,
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30),
                        OperatorSettings.LogFormat.TEXT,
                        logLevel)
                .with(Optional.of(new OperatorSettings.Jobs(
                        TestImages.operator().name(), TestImages.pulumi().name(), Duration.ofHours(1))));
    }

    public Stacks stacks() {
        return stacks;
    }

    public KubernetesClient client() {
        return client;
    }

    public TestCluster cluster() {
        return cluster;
    }

    public String namespace() {
        return namespace;
    }

    /** The local node; where the cluster is another, skips the tests, except in CI, where that one was asked for. */
    public LocalNode local() {
        return local(cluster);
    }

    static LocalNode local(TestCluster cluster) {
        Optional<LocalNode> local = cluster.localNode();
        if (Boolean.parseBoolean(System.getenv("CI"))) {
            return local.orElseThrow(() -> new IllegalStateException(
                    "these tests end servers and read volumes, which the local node alone lets them: leave out"
                            + " STACKWRIGHT_TEST_CLUSTER, or let it be node"));
        }
        Assumptions.assumeTrue(local.isPresent(), "the servers and volumes of this cluster are out of reach");
        return local.orElseThrow();
    }

    /** The folder behind the volume, on this machine: for the local node only, and once a pod has mounted it. */
    Path state() {
        return folder("state");
    }

    /** The same of another claim. */
    Path folder(String name) {
        local();
        String volume = client.persistentVolumeClaims()
                .inNamespace(namespace)
                .withName(name)
                .waitUntilCondition(claim -> "Bound".equals(claim.getStatus().getPhase()), 1, TimeUnit.MINUTES)
                .getSpec()
                .getVolumeName();
        return Path.of(client.persistentVolumes()
                .withName(volume)
                .get()
                .getSpec()
                .getHostPath()
                .getPath());
    }

    void startOperator() {
        operator = new StackwrightOperator(
                settings, new KubeClients(cluster.config(), "test"), RunningOperator.environment(), Clock.systemUTC());
        operator.start();
    }

    void stopOperator() {
        if (operator != null) {
            operator.close();
            operator = null;
        }
    }

    /** Of the default storage class: what a person has who keeps state in files. */
    void claimVolume(String name) {
        client.resource(Serialization.unmarshal("""
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: %s, namespace: %s}
            spec:
              accessModes: [ReadWriteOnce]
              resources: {requests: {storage: 1Gi}}
            """.formatted(name, namespace), PersistentVolumeClaim.class))
                .create();
    }

    public Job job(String name) {
        return client.batch().v1().jobs().inNamespace(namespace).withName(name).get();
    }

    public List<Pod> pods(String update) {
        return client.pods()
                .inNamespace(namespace)
                .withLabel("stackwright.io/update", update)
                .list()
                .getItems();
    }

    /** What kubectl says, whether it succeeds or not. */
    String kubectl(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Toolchain.kubectl().toString(),
                "--kubeconfig",
                cluster.kubeconfig().toString(),
                "-n",
                namespace));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void deleteJob(String name) {
        client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(name)
                .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                .delete();
    }

    /** Until a pod has been asked to end. */
    void awaitAsked(Pod pod) {
        Stacks.patiently().until(() -> {
            Pod now = client.resource(pod).get();
            return now == null || now.getMetadata().getDeletionTimestamp() != null;
        });
    }

    /** What the namespace still has that a Stack, its runs or its results brought. */
    List<String> leftOf(String stack) {
        return Stream.<List<? extends HasMetadata>>of(
                        client.secrets().inNamespace(namespace).list().getItems(),
                        client.serviceAccounts().inNamespace(namespace).list().getItems(),
                        client.rbac().roles().inNamespace(namespace).list().getItems(),
                        client.rbac()
                                .roleBindings()
                                .inNamespace(namespace)
                                .list()
                                .getItems(),
                        client.batch().v1().jobs().inNamespace(namespace).list().getItems(),
                        client.pods().inNamespace(namespace).list().getItems(),
                        stacks.updates(stack))
                .flatMap(List::stream)
                .filter(object -> object.getMetadata().getName().startsWith(stack + "-"))
                .map(object -> object.getKind() + " " + object.getMetadata().getName())
                .toList();
    }

    /** Until a run has left neither secrets nor rights. */
    void awaitDisarmed(String update) {
        Stacks.patiently().untilAsserted(() -> assertDisarmed(update));
    }

    /** That a run has left neither secrets nor rights. */
    void assertDisarmed(String update) {
        String account = RunObjects.account(update);
        assertThat(stacks.secret(RunObjects.input(update))).isNull();
        assertThat(stacks.secret(RunObjects.result(update))).isNull();
        assertThat(Stream.of(
                                client.serviceAccounts(),
                                client.rbac().roles(),
                                client.rbac().roleBindings())
                        .map(kind ->
                                kind.inNamespace(namespace).withName(account).get()))
                .as(account)
                .containsOnlyNulls();
    }

    /** What {@code kubectl get -o yaml}, {@code describe} and {@code logs} show has no secret of a run. */
    void assertNoSecretIsSeen(String update) {
        List<Pod> pods = pods(update);
        assertThat(pods).hasSize(1);
        String seen = Serialization.asYaml(job(update))
                + Serialization.asYaml(pods)
                + Serialization.asYaml(stacks.update(update))
                + Serialization.asYaml(
                        client.v1().events().inNamespace(namespace).list())
                + client.pods()
                        .inNamespace(namespace)
                        .withName(pods.getFirst().getMetadata().getName())
                        .inContainer("pulumi")
                        .getLog();
        assertThat(seen).doesNotContain(CANARY);
    }
}
