package io.stackwright.testkit;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A real Kubernetes API server with its etcd, of this machine alone, run by {@code dev/control-plane}.
 *
 * <p>Admission, validation, RBAC, watches and server-side apply are the real ones. There are no controllers: nothing
 * is garbage-collected, a deleted namespace stays Terminating, no pod runs. A start takes about three seconds, so the
 * tests of a JVM share one ({@link #shared()}) and keep apart by namespaces ({@link #createNamespace}).
 *
 * <p>The servers stop on {@link #close()}, at the end of the JVM, and also when the JVM is killed.
 */
public final class ControlPlane implements AutoCloseable {

    private final AtomicInteger namespaces = new AtomicInteger();
    private final Path folder;
    private final Process process;
    private final KubernetesClient client;

    private ControlPlane(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
        this.client = newClient();
    }

    /**
     * Starts a control plane of the caller's own.
     *
     * @throws IllegalStateException when it does not become ready; the message has what its servers said
     */
    public static ControlPlane start() {
        return start(Map.of());
    }

    /**
     * Starts one that writes down who asks for what.
     *
     * @param log gets a line of JSON for each request, before its answer is sent
     * @see #start()
     */
    public static ControlPlane startAudited(Path log) {
        return start(Map.of("CONTROL_PLANE_AUDIT_LOG", log.toString()));
    }

    private static ControlPlane start(Map<String, String> environment) {
        Path script = Toolchain.root().resolve("dev/control-plane");
        try {
            Path folder = Files.createTempDirectory("stackwright-control-plane-");
            Path errors = folder.resolve("control-plane.log");
            // Its standard input is a pipe of ours: it ends, and the servers with it, however this JVM ends.
            ProcessBuilder command =
                    new ProcessBuilder(script.toString(), folder.toString()).redirectError(errors.toFile());
            command.environment().putAll(environment);
            Process process = command.start();
            String line = firstLine(process);
            if (line == null || !line.startsWith("ready ")) {
                String said = Files.readString(errors);
                process.destroy();
                delete(folder);
                throw new IllegalStateException("The control plane did not start:\n" + said);
            }
            return new ControlPlane(folder, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The control plane that the tests of this JVM share: started at the first call, stopped at the JVM's end. */
    public static ControlPlane shared() {
        return Shared.INSTANCE;
    }

    /** A kubeconfig of a member of {@code system:masters}, for kubectl and for other processes. */
    public Path kubeconfig() {
        return folder.resolve("kubeconfig");
    }

    /** A fresh client configuration of a member of {@code system:masters}, free for changes such as impersonation. */
    public Config config() {
        return Config.fromKubeconfig(kubeconfig().toFile());
    }

    /** The client of this control plane: shared by all callers, closed with it. Do not close it. */
    public KubernetesClient client() {
        return client;
    }

    /** A client of the caller's own, to be closed by whoever it is given to. */
    public KubernetesClient newClient() {
        return new KubernetesClientBuilder().withConfig(config()).build();
    }

    /** Creates a namespace with a name that nothing else has: the prefix and a number. */
    public String createNamespace(String prefix) {
        String name = prefix + "-" + namespaces.incrementAndGet();
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }

    /** Applies every CustomResourceDefinition of the folder's YAML files and waits until they are served. */
    public void applyCrds(Path crds) {
        new Crds(client).apply(crds);
    }

    @Override
    public void close() {
        client.close();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroy();
                process.waitFor();
            }
            delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String firstLine(Process process) throws IOException {
        BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
        return reader.readLine();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** Delays the shared start until somebody asks for it. */
    private static final class Shared {
        static final ControlPlane INSTANCE = startUntilExit();

        private static ControlPlane startUntilExit() {
            ControlPlane controlPlane = start();
            Runtime.getRuntime().addShutdownHook(new Thread(controlPlane::close, "control-plane-stop"));
            return controlPlane;
        }
    }
}
