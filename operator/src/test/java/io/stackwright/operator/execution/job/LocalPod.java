package io.stackwright.operator.execution.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One pod of {@link LocalKubelet} from its making to its removal, and what its Job then counts. */
final class LocalPod {

    /** How a run ends that knows what it does. */
    private static final Set<Integer> ORDERLY =
            Set.of(ExitCode.SUCCEEDED.code(), ExitCode.FAILED.code(), ExitCode.STOPPED.code(), ExitCode.NOT_RUN.code());

    private static final int KILLED = 137;

    private final KubernetesClient admin;
    private final Job job;
    private final Path folder;
    private final Map<String, String> image;
    private final CountDownLatch over = new CountDownLatch(1);
    private Pod pod;
    private JobProcess process;
    private boolean orphaned;
    private boolean asked;
    private boolean closed;

    /**
     * Describes it; nothing is done yet.
     *
     * @param node folder of the node
     * @param image environment of the image
     */
    LocalPod(KubernetesClient admin, Job job, Path node, Map<String, String> image) {
        this.admin = admin;
        this.job = job;
        this.folder = node.resolve(job.getMetadata().getUid());
        this.image = image;
    }

    /** All of it; returns when the pod has ended. */
    void live(Supplier<Pod> maker) {
        try {
            made(maker.get());
            int exit = run();
            ended(exit);
        } catch (KubernetesClientException e) {
            if (!LocalKubelet.isGone(e) && !isClosed()) {
                throw e;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            over.countDown();
        }
    }

    private void made(Pod made) {
        synchronized (this) {
            pod = made;
        }
        if (isOrphaned()) {
            delete();
        }
    }

    private int run() throws InterruptedException {
        Optional<JobProcess> started = start();
        if (started.isEmpty()) {
            return KILLED;
        }
        status("Running", "running: {startedAt: '" + now() + "'}");
        int exit = started.get().awaitEnd();
        if (!ORDERLY.contains(exit) && !isClosed()) {
            System.out.println("pod " + name() + " has ended with " + exit + ":\n"
                    + started.get().log());
        }
        return exit;
    }

    /** A kubelet waits for what is to be mounted. */
    private synchronized Optional<JobProcess> start() throws InterruptedException {
        Secret input = null;
        while (!asked && !closed && (input = input()) == null) {
            wait(100);
        }
        if (asked || closed) {
            return Optional.empty();
        }
        process = JobProcess.asPod(name(), mounted(input), directory("work"), directory("tmp"), environment());
        return Optional.of(process);
    }

    private Secret input() {
        return admin.secrets()
                .inNamespace(job.getMetadata().getNamespace())
                .withName(RunObjects.input(job.getMetadata().getName()))
                .get();
    }

    /** The name of the API server's Service is looked up, so to speak. */
    private Path mounted(Secret input) {
        Map<String, byte[]> files = new HashMap<>();
        input.getData()
                .forEach((key, value) -> files.put(key, Base64.getDecoder().decode(value)));
        files.put(RunObjects.SERVER, admin.getConfiguration().getMasterUrl().getBytes(StandardCharsets.UTF_8));
        Path mount = directory("input");
        files.forEach((key, value) -> {
            try {
                Path file = Files.write(mount.resolve(key), value);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return mount;
    }

    /** Of the image, and what the pod says literally. */
    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(image);
        Container container = pod.getSpec().getContainers().getFirst();
        for (EnvVar variable : container.getEnv()) {
            if (variable.getValue() != null) {
                environment.put(variable.getName(), variable.getValue());
            }
        }
        environment.put(RunObjects.POD_NAME, name());
        environment.put(RunObjects.POD_UID, pod.getMetadata().getUid());
        return environment;
    }

    /** The container's end first, then what the Job makes of it; only then a pod that was deleted is gone. */
    private void ended(int exit) {
        boolean succeeded = exit == 0;
        if (isClosed()) {
            return;
        }
        status(
                succeeded ? "Succeeded" : "Failed",
                "terminated: {exitCode: " + exit + ", reason: " + (succeeded ? "Completed" : "Error")
                        + ", finishedAt: '" + now() + "'}");
        count(succeeded);
        if (isAsked()) {
            remove();
        }
    }

    private void count(boolean succeeded) {
        String now = now();
        String condition = "{status: 'True', lastTransitionTime: '" + now + "', lastProbeTime: '" + now + "', reason: "
                + (succeeded ? "CompletionsReached" : "BackoffLimitExceeded") + ", message: '', type: ";
        String ended = succeeded
                ? "succeeded: 1, completionTime: '" + now + "', conditions: [" + condition + "SuccessCriteriaMet}, "
                        + condition + "Complete}]"
                : "failed: 1, conditions: [" + condition + "FailureTarget}, " + condition + "Failed}]";
        admin.batch()
                .v1()
                .jobs()
                .inNamespace(job.getMetadata().getNamespace())
                .withName(job.getMetadata().getName())
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), json("{startTime: '" + now + "', " + ended + "}"));
    }

    private void status(String phase, String state) {
        admin.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(name())
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        json("{phase: " + phase + ", containerStatuses: [{name: pulumi, image: i, imageID: i,"
                                + " ready: false, restartCount: 0, state: {" + state + "}}]}"));
    }

    private static String json(String status) {
        return Serialization.asJson(Serialization.unmarshal("status: " + status, JsonNode.class));
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Somebody has deleted the pod: SIGTERM, and SIGKILL when its grace is over. */
    synchronized void stop(Long graceSeconds) {
        if (asked) {
            return;
        }
        asked = true;
        notifyAll();
        if (process == null) {
            return;
        }
        process.terminate();
        CompletableFuture.delayedExecutor(graceSeconds == null ? 0 : graceSeconds, TimeUnit.SECONDS)
                .execute(process::close);
        if (over.getCount() == 0) {
            Thread.ofVirtual().start(this::remove);
        }
    }

    /** The pod is not there any more: by force, or because it has ended. */
    synchronized void isRemoved() {
        asked = true;
        notifyAll();
        if (process != null) {
            process.close();
        }
    }

    /** Its Job is gone, and takes it along. */
    void isOrphan() {
        synchronized (this) {
            orphaned = true;
        }
        if (isMade()) {
            delete();
        }
    }

    private void delete() {
        admin.resource(pod).delete();
    }

    private void remove() {
        admin.resource(pod).withGracePeriod(0).delete();
    }

    /** No word of it to anybody. */
    void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
            if (process != null) {
                process.close();
            }
        }
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isMade() {
        return pod != null;
    }

    private synchronized boolean isOrphaned() {
        return orphaned;
    }

    private synchronized boolean isAsked() {
        return asked;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private String name() {
        return pod.getMetadata().getName();
    }

    private Path directory(String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
