package io.stackwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** K3s in a container of this JVM; Testcontainers removes it however the JVM ends. */
final class K3sCluster implements Cluster {

    private static final String IMAGE = "rancher/k3s:v1.34.4-k3s1";
    private static final Duration DOCKER_PATIENCE = Duration.ofSeconds(20);
    private static final Duration PULL_PATIENCE = Duration.ofMinutes(5);

    private final K3sContainer container;
    private final Path kubeconfig;
    private final Set<String> loaded = new HashSet<>();

    private K3sCluster(K3sContainer container) {
        this.container = container;
        try {
            var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
            this.kubeconfig = Files.createTempFile("stackwright-k3s-", ".kubeconfig", ownerOnly);
            Files.writeString(kubeconfig, container.getKubeConfigYaml());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Cluster start() {
        String image = System.getenv().getOrDefault("STACKWRIGHT_TEST_K3S_IMAGE", IMAGE);
        requireImage(image);
        // Its end is Testcontainers' task.
        @SuppressWarnings("resource")
        K3sContainer container =
                new K3sContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("rancher/k3s"));
        try {
            container.start();
        } catch (RuntimeException e) {
            container.stop();
            throw new Unavailable("K3s in a container: " + image + " did not start: " + root(e));
        }
        return new K3sCluster(container);
    }

    @Override
    public String description() {
        return "K3s in container " + container.getContainerId();
    }

    @Override
    public Path kubeconfig() {
        return kubeconfig;
    }

    @Override
    public synchronized void load(Path archive) {
        if (!loaded.add(archive.toAbsolutePath() + " " + archive.toFile().lastModified())) {
            return;
        }
        String inside = "/tmp/" + archive.getFileName();
        container.copyFileToContainer(MountableFile.forHostPath(archive), inside);
        try {
            ExecResult result = container.execInContainer("ctr", "--namespace", "k8s.io", "images", "import", inside);
            if (result.getExitCode() != 0) {
                throw new IllegalStateException(archive + " cannot be imported: " + result.getStderr());
            }
            container.execInContainer("rm", inside);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while importing " + archive, e);
        }
    }

    @Override
    public void close() {
        container.stop();
        try {
            Files.deleteIfExists(kubeconfig);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Testcontainers itself would try for minutes to pull images where there is no registry. */
    private static void requireImage(String image) {
        if (!Run.succeeds(List.of("docker", "version"), DOCKER_PATIENCE)) {
            throw new Unavailable("K3s in a container needs Docker, which does not answer here");
        }
        if (!Run.succeeds(List.of("docker", "image", "inspect", image), DOCKER_PATIENCE)
                && !Run.succeeds(List.of("docker", "pull", "--quiet", image), PULL_PATIENCE)) {
            throw new Unavailable("K3s in a container: there is no image " + image + ", and it cannot be pulled");
        }
    }

    private static String root(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
    }
}
