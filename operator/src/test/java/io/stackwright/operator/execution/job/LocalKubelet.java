package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Job controller, kubelet and garbage collector of one namespace, on a control plane that has none of them: for each Job
 * it makes the pod and runs what is in it, the real runner with the real CLI, as a process of this machine.
 *
 * <p>Nothing is played: what the API server shows of a pod is what its process does. What it does not do is what needs a
 * node: images, schedulers, limits, volumes other than the input Secret, deadlines of Jobs. Claims are folders of this
 * machine, under the path that they are mounted at.
 */
public final class LocalKubelet implements AutoCloseable {

    private final KubernetesClient admin;
    private final String namespace;
    private final Path folder;
    private final Map<String, String> image;
    private final Map<String, LocalPod> podsByJob = new ConcurrentHashMap<>();
    private final SharedIndexInformer<Job> jobs;
    private final SharedIndexInformer<Pod> pods;
    private volatile boolean closed;

    /**
     * Begins to look after the namespace.
     *
     * @param pulumi the CLI of the image
     * @param environment of the image
     */
    public LocalKubelet(KubernetesClient admin, String namespace, Path pulumi, Map<String, String> environment) {
        this.admin = admin;
        this.namespace = namespace;
        this.image = new HashMap<>(environment);
        try {
            this.folder = Files.createTempDirectory("stackwright-kubelet-");
            Path bin = Files.createDirectory(folder.resolve("bin"));
            Files.createSymbolicLink(bin.resolve("pulumi"), pulumi);
            image.merge("PATH", bin.toString(), (rest, first) -> first + ":" + rest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        admin.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("default")
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .createOr(NonDeletingOperation::update);
        this.pods = watching(
                admin.pods().inNamespace(namespace).runnableInformer(0),
                this::changed,
                pod -> find(pod, LocalPod::isRemoved));
        this.jobs = watching(
                admin.batch().v1().jobs().inNamespace(namespace).runnableInformer(0), this::changed, this::removed);
    }

    private static <T extends HasMetadata> SharedIndexInformer<T> watching(
            SharedIndexInformer<T> informer, Consumer<T> changed, Consumer<T> removed) {
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(T object) {
                changed.accept(object);
            }

            @Override
            public void onUpdate(T before, T object) {
                changed.accept(object);
            }

            @Override
            public void onDelete(T object, boolean unknownFinalState) {
                removed.accept(object);
            }
        });
        informer.start().toCompletableFuture().join();
        return informer;
    }

    /** A Job has one pod in its life. */
    private void changed(Job job) {
        if (!closed && job.getMetadata().getDeletionTimestamp() == null) {
            podsByJob.computeIfAbsent(job.getMetadata().getUid(), uid -> {
                LocalPod pod = new LocalPod(admin, job, folder, image);
                Thread.ofVirtual().name("pod-of-" + job.getMetadata().getName()).start(() -> pod.live(() -> make(job)));
                return pod;
            });
        }
    }

    /** On the node that this machine is: no scheduler is asked. */
    private Pod make(Job job) {
        return admin.resource(new PodBuilder()
                        .withMetadata(new ObjectMetaBuilder(
                                        job.getSpec().getTemplate().getMetadata())
                                .withName(job.getMetadata().getName() + "-"
                                        + UUID.randomUUID().toString().substring(0, 5))
                                .withNamespace(namespace)
                                .withOwnerReferences(new OwnerReferenceBuilder()
                                        .withApiVersion("batch/v1")
                                        .withKind("Job")
                                        .withName(job.getMetadata().getName())
                                        .withUid(job.getMetadata().getUid())
                                        .withController(true)
                                        .build())
                                .build())
                        .withSpec(job.getSpec().getTemplate().getSpec())
                        .editSpec()
                        .withNodeName("local")
                        .endSpec()
                        .build())
                .create();
    }

    private void changed(Pod pod) {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            find(pod, known -> known.stop(pod.getMetadata().getDeletionGracePeriodSeconds()));
        }
    }

    private void find(Pod pod, Consumer<LocalPod> act) {
        pod.getMetadata().getOwnerReferences().stream()
                .map(owner -> podsByJob.get(owner.getUid()))
                .filter(Objects::nonNull)
                .forEach(act);
    }

    /** What a Job has made goes with it. */
    private void removed(Job job) {
        LocalPod pod = podsByJob.get(job.getMetadata().getUid());
        if (pod != null) {
            Thread.ofVirtual().start(pod::isOrphan);
        }
    }

    /** Where pods have all that is not on a claim. */
    public Path folder() {
        return folder;
    }

    /** Ends whatever runs, as a node does that loses its power. */
    @Override
    public void close() {
        closed = true;
        jobs.stop();
        pods.stop();
        podsByJob.values().forEach(LocalPod::close);
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether an object was gone before something could be written to it. */
    static boolean isGone(KubernetesClientException e) {
        return e.getCode() == 404;
    }
}
