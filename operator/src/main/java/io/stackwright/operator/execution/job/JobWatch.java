package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.UncountedTerminatedPods;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.AnyNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.stackwright.api.v1alpha1.Labels;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.kube.SlimStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Our Jobs and their pods as the cluster shows them, from informers. */
final class JobWatch implements AutoCloseable {

    private static final String BY_RUN = "run";
    private static final String BY_JOB = "job";
    private static final long SYNC_SECONDS = 60;
    private static final int REMEMBERED = 10_000;

    /** So many are in memory whole, while they are listed. */
    private static final long PAGE = 20;

    private final KubernetesClient client;
    private final Set<String> namespaces;
    /** Pods of which the kubelet has said that Pulumi's container has ended; they may be gone since. */
    private final Map<String, Boolean> ended = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    private final List<SharedIndexInformer<Job>> jobs = new ArrayList<>();
    private final List<SharedIndexInformer<Pod>> pods = new ArrayList<>();

    /** @param namespaces to watch; empty for all */
    JobWatch(KubernetesClient client, Set<String> namespaces) {
        this.client = client;
        this.namespaces = Set.copyOf(namespaces);
    }

    /**
     * Starts watching, and returns when everything that is there is known.
     *
     * @param changed is told the uid of the Update whose Job or pod has changed, on an informer's thread
     */
    void start(Consumer<String> changed) {
        for (var scope : scopes(client.batch().v1().jobs())) {
            SharedIndexInformer<Job> informer =
                    scope.withLimit(PAGE).runnableInformer(0).itemStore(new SlimStore<>(SlimJobs::slim));
            informer.addIndexers(Map.of(BY_RUN, JobWatch::runOf));
            jobs.add(prepared(informer, changed));
        }
        for (var scope : scopes(client.pods())) {
            SharedIndexInformer<Pod> informer =
                    scope.withLimit(PAGE).runnableInformer(0).itemStore(new SlimStore<>(SlimJobs::slim));
            informer.addIndexers(Map.of(BY_JOB, JobWatch::controllerOf));
            pods.add(prepared(informer, changed));
        }
        CompletableFuture<?>[] started = Stream.concat(jobs.stream(), pods.stream())
                .map(informer -> informer.start().toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(started).get(SYNC_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("Jobs and pods cannot be watched: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted before Jobs and pods were known", e);
        }
    }

    private <T extends HasMetadata, L, R extends Resource<T>> List<FilterWatchListDeletable<T, L, R>> scopes(
            MixedOperation<T, L, R> all) {
        if (namespaces.isEmpty()) {
            AnyNamespaceOperation<T, L, R> any = all.inAnyNamespace();
            return List.of(ours(any));
        }
        return namespaces.stream()
                .<FilterWatchListDeletable<T, L, R>>map(namespace -> ours(all.inNamespace(namespace)))
                .toList();
    }

    private static <T extends HasMetadata, L, R extends Resource<T>> FilterWatchListDeletable<T, L, R> ours(
            AnyNamespaceOperation<T, L, R> scope) {
        return scope.withLabel(Labels.MANAGED_BY, Labels.MANAGER).withLabel(Labels.UPDATE_UID);
    }

    private <T extends HasMetadata> SharedIndexInformer<T> prepared(
            SharedIndexInformer<T> informer, Consumer<String> changed) {
        informer.exceptionHandler((isStarted, problem) -> true);
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(T object) {
                tell(object);
            }

            @Override
            public void onUpdate(T before, T object) {
                tell(object);
            }

            @Override
            public void onDelete(T object, boolean unknownFinalState) {
                tell(object);
            }

            private void tell(T object) {
                if (object instanceof Pod pod && JobView.hasEnded(pod)) {
                    remember(pod.getMetadata().getUid());
                }
                runOf(object).forEach(changed);
            }
        });
        return informer;
    }

    private static List<String> runOf(HasMetadata object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        String uid = labels == null ? null : labels.get(Labels.UPDATE_UID);
        return uid == null ? List.of() : List.of(uid);
    }

    /** Anybody may label a pod; only Kubernetes says whose it is. */
    static List<String> controllerOf(Pod pod) {
        return pod.getMetadata().getOwnerReferences().stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()) && "Job".equals(owner.getKind()))
                .map(OwnerReference::getUid)
                .toList();
    }

    /** The Job of a run. */
    Optional<Job> job(RunKey run) {
        return job(run.stack().namespace(), run.update(), run.updateUid());
    }

    /**
     * The Job of an Update: the one of its name, beside it. Anybody who may make Jobs can label one, in any namespace, as
     * that of any Update.
     */
    Optional<Job> job(String namespace, String update, String updateUid) {
        return jobs.stream()
                .flatMap(informer -> informer.getIndexer().byIndex(BY_RUN, updateUid).stream())
                .filter(JobWatch::isNamedAfterItsUpdate)
                .filter(job -> job.getMetadata().getName().equals(update) && isIn(namespace, job))
                .findFirst();
    }

    private static boolean isIn(String namespace, HasMetadata object) {
        return namespace.equals(object.getMetadata().getNamespace());
    }

    Collection<Job> jobs() {
        return jobs.stream()
                .flatMap(informer -> informer.getIndexer().list().stream())
                .filter(JobWatch::isNamedAfterItsUpdate)
                .toList();
    }

    List<Pod> pods(Job job) {
        return pods.stream()
                .flatMap(informer ->
                        informer.getIndexer().byIndex(BY_JOB, job.getMetadata().getUid()).stream())
                .filter(pod -> isIn(job.getMetadata().getNamespace(), pod))
                .toList();
    }

    private void remember(String podUid) {
        synchronized (ended) {
            ended.put(podUid, true);
        }
    }

    /** Why it cannot be said that a pod has ended; empty when its kubelet has said so. */
    Optional<String> doubt(String name, String uid) {
        synchronized (ended) {
            if (ended.containsKey(uid)) {
                return Optional.empty();
            }
        }
        return Optional.of(
                isThere(uid)
                        ? "pod " + name + " has not ended"
                        : "pod " + name + " is gone, and nothing tells whether its containers have ended");
    }

    /**
     * The same of the pod that has claimed a run, where its Job has ended. Such a Job has counted its pod's end, unless that
     * had vanished: then it has made another one, whose end it may have counted instead, or came to its deadline before it
     * could.
     */
    Optional<String> doubt(Job ended, String name, String uid) {
        boolean another = TrackedRun.isReplaced(ended)
                || pods(ended).stream()
                        .anyMatch(pod -> !uid.equals(pod.getMetadata().getUid()));
        return another || isThere(uid) || counted(ended) == 0 ? doubt(name, uid) : Optional.empty();
    }

    /** Pods whose end a Job has seen. */
    private static int counted(Job job) {
        JobStatus status = job.getStatus();
        UncountedTerminatedPods uncounted = status.getUncountedTerminatedPods();
        return Objects.requireNonNullElse(status.getFailed(), 0)
                + Objects.requireNonNullElse(status.getSucceeded(), 0)
                + (uncounted == null
                        ? 0
                        : uncounted.getFailed().size()
                                + uncounted.getSucceeded().size());
    }

    /** Whether a pod is there. */
    boolean isThere(String uid) {
        return pods.stream()
                .flatMap(informer -> informer.getIndexer().list().stream())
                .anyMatch(pod -> uid.equals(pod.getMetadata().getUid()));
    }

    private static boolean isNamedAfterItsUpdate(Job job) {
        return job.getMetadata().getName().equals(job.getMetadata().getLabels().get(Labels.UPDATE));
    }

    @Override
    public void close() {
        jobs.forEach(SharedIndexInformer::stop);
        pods.forEach(SharedIndexInformer::stop);
    }
}
