package io.stackwright.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.execution.job.LocalKubelet;
import io.stackwright.operator.kube.KubeClients;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/**
 * A whole operator inside the test's JVM, on the shared control plane and the real Pulumi CLI, for one namespace. Where
 * the {@link Mode} is Jobs, with a node for them.
 */
public final class RunningOperator implements AutoCloseable {

    static {
        // Awaitility's own ten seconds are short where several JVMs and as many API servers share two processors.
        Awaitility.setDefaultTimeout(Duration.ofMinutes(2));
    }

    private final Path data;
    private final String namespace;
    private OperatorSettings settings;
    private Map<String, String> environment;
    private final Optional<LocalKubelet> node;
    private StackwrightOperator operator;

    private RunningOperator(Path data, String namespace, OperatorSettings settings, Map<String, String> environment) {
        this.node =
                Mode.current() == Mode.JOBS ? Optional.of(node(namespace, settings, environment)) : Optional.empty();
        this.environment = environment;
        this.data = data;
        this.namespace = namespace;
        this.settings = settings;
    }

    /** Starts an operator that watches a new namespace alone and keeps its data in the folder. */
    public static RunningOperator start(Path data) {
        return start(data, settings -> settings);
    }

    /** The environment of an operator that finds the toolchain. */
    public static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        // What tells the tests something would be settings to the operator, that it does not know.
        environment.keySet().removeIf(name -> name.startsWith("STACKWRIGHT_"));
        environment.put("PATH", Toolchain.bin() + ":" + System.getenv("PATH"));
        return environment;
    }

    public static RunningOperator start(Path data, UnaryOperator<OperatorSettings> changes) {
        return start(data, changes, environment());
    }

    /** Starts one with another CLI and environment. */
    public static RunningOperator start(Path data, String pulumiCommand, Map<String, String> environment) {
        return start(data, pulumi(pulumiCommand), environment);
    }

    /** Starts one with other settings and another environment. */
    public static RunningOperator start(
            Path data, UnaryOperator<OperatorSettings> changes, Map<String, String> environment) {
        ControlPlane plane = ControlPlane.shared();
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
        String namespace = plane.createNamespace("stacks");
        OperatorSettings settings = Mode.current().of(changes.apply(settings(data, namespace)));
        RunningOperator running = new RunningOperator(data, namespace, settings, environment);
        running.start();
        return running;
    }

    /** Settings that let sources come from this host. */
    public static UnaryOperator<OperatorSettings> sourcesFrom(String hostAndPort) {
        return s -> with(s, s.watchNamespaces(), s.backendUrl(), s.pulumiCommand(), Set.of(hostAndPort));
    }

    /** Settings with another Pulumi CLI. */
    public static UnaryOperator<OperatorSettings> pulumi(String command) {
        return s -> with(s, s.watchNamespaces(), s.backendUrl(), command);
    }

    /** Settings with another default backend. */
    public static UnaryOperator<OperatorSettings> backend(String url) {
        return s -> with(s, s.watchNamespaces(), url, s.pulumiCommand());
    }

    /** Settings with more namespaces to watch. */
    public static UnaryOperator<OperatorSettings> alsoWatching(String namespace) {
        return s -> {
            Set<String> namespaces = new HashSet<>(s.watchNamespaces());
            namespaces.add(namespace);
            return with(s, namespaces, s.backendUrl(), s.pulumiCommand());
        };
    }

    /** Settings with other limits of sources. */
    public static UnaryOperator<OperatorSettings> sourceLimits(long maxBytes, Duration timeout) {
        return s -> new OperatorSettings(
                s.dataDirectory(),
                s.operatorNamespace(),
                s.watchNamespaces(),
                s.backendUrl(),
                s.workers(),
                s.pulumiCommand(),
                s.httpPort(),
                s.sourceAllowedHosts(),
                maxBytes,
                timeout,
                s.shutdownGrace(),
                s.logFormat(),
                s.logLevel());
    }

    /** Settings with which each Update is a Job, so many at once; on a control plane without nodes none of them runs. */
    public static UnaryOperator<OperatorSettings> jobs(int workers) {
        return s -> new OperatorSettings(
                        s.dataDirectory(),
                        s.operatorNamespace(),
                        s.watchNamespaces(),
                        s.backendUrl(),
                        workers,
                        s.pulumiCommand(),
                        s.httpPort(),
                        s.sourceAllowedHosts(),
                        s.sourceMaxBytes(),
                        s.sourceTimeout(),
                        s.shutdownGrace(),
                        s.logFormat(),
                        s.logLevel())
                .with(Optional.of(new OperatorSettings.Jobs("stackwright:1", "pulumi:1", Duration.ofHours(1))));
    }

    /** Settings that let sources come from these hosts and no others. */
    public static UnaryOperator<OperatorSettings> sourcesFrom(Set<String> hosts) {
        return s -> with(s, s.watchNamespaces(), s.backendUrl(), s.pulumiCommand(), hosts);
    }

    private static OperatorSettings with(OperatorSettings s, Set<String> namespaces, String backend, String pulumi) {
        return with(s, namespaces, backend, pulumi, s.sourceAllowedHosts());
    }

    private static OperatorSettings with(
            OperatorSettings s, Set<String> namespaces, String backend, String pulumi, Set<String> hosts) {
        return new OperatorSettings(
                s.dataDirectory(),
                s.operatorNamespace(),
                namespaces,
                backend,
                s.workers(),
                pulumi,
                s.httpPort(),
                hosts,
                s.sourceMaxBytes(),
                s.sourceTimeout(),
                s.shutdownGrace(),
                s.logFormat(),
                s.logLevel());
    }

    private static OperatorSettings settings(Path data, String namespace) {
        Path state = data.resolve("state");
        try {
            Files.createDirectories(state);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new OperatorSettings(
                data,
                namespace,
                Set.of(namespace),
                "file://" + state,
                Mode.current().workers(),
                Toolchain.pulumi().toString(),
                0,
                Set.of("localhost", "127.0.0.1"),
                64 << 20,
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                OperatorSettings.LogFormat.TEXT,
                "INFO");
    }

    /** Whatever environment the operator has, a pod gets what its image has. */
    private static LocalKubelet node(String namespace, OperatorSettings settings, Map<String, String> environment) {
        return new LocalKubelet(
                ControlPlane.shared().client(),
                namespace,
                Path.of(settings.pulumiCommand()),
                Map.of("PATH", environment.get("PATH")));
    }

    /** Starts it again in another environment. */
    public void start(Map<String, String> environment) {
        this.environment = environment;
        start();
    }

    /** Starts it again, on the same data, as a new instance. */
    public void start() {
        KubeClients clients = new KubeClients(kubeconfig(), "test");
        operator = new StackwrightOperator(settings, clients, environment, Clock.systemUTC());
        operator.start();
    }

    /** Stops it and starts it again with other settings, on the same data. */
    public void restart(UnaryOperator<OperatorSettings> changes) {
        stop();
        settings = Mode.current().of(changes.apply(settings));
        start();
    }

    private static Config kubeconfig() {
        try {
            return Config.fromKubeconfig(Files.readString(ControlPlane.shared().kubeconfig()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public KubernetesClient client() {
        return ControlPlane.shared().client();
    }

    public String namespace() {
        return namespace;
    }

    public Path data() {
        return data;
    }

    /** Has it look for Stacks that went without being let go, as it does by itself from time to time. */
    public void sweep() {
        operator.sweep();
    }

    /** Port of probes and metrics. */
    public int httpPort() {
        return operator.httpPort();
    }

    /** Folder of the default backend. */
    public Path state() {
        return data.resolve("state");
    }

    /** Below it runs have their files. */
    public Path runs() {
        return node.map(LocalKubelet::folder).orElse(data);
    }

    /** The Stack, with what it needs besides where operations run in pods. */
    public Stack fitted(Stack stack) {
        return node.isPresent() ? new StateVolume(state()).mountedBy(stack) : stack;
    }

    /** Stops it; Jobs go on. */
    public void stop() {
        operator.close();
    }

    @Override
    public void close() {
        try {
            stop();
        } finally {
            node.ifPresent(LocalKubelet::close);
        }
    }
}
