package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.kube.NotLeadingException;
import io.stackwright.operator.source.StackKey;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what is left of runs that are over: an operator was killed between the end of a run and its clean-up, or
 * between the first objects of a run and its Job. The account of a run is made first and removed last, so what is left
 * has one, or a Job that does not say that its end is recorded. What belonged to an Update that is gone is removed by Kubernetes.
 */
final class JobSweep {

    private static final Logger LOG = LoggerFactory.getLogger(JobSweep.class);
    private static final long PAGE = 100;
    private static final long INTERVAL = Duration.ofMinutes(10).toNanos();
    private static final long SOON = Duration.ofSeconds(10).toNanos();

    private final KubernetesClient client;
    private final JobWatch watch;
    private final JobMaker maker;
    private final Set<String> namespaces;
    private final Clock clock;
    private volatile long due = System.nanoTime();

    JobSweep(KubernetesClient client, JobWatch watch, JobMaker maker, Set<String> namespaces, Clock clock) {
        this.client = client;
        this.watch = watch;
        this.maker = maker;
        this.namespaces = namespaces;
        this.clock = clock;
    }

    /** Something was left behind. */
    void soon() {
        due = System.nanoTime() + SOON;
    }

    /**
     * Sweeps, if it is time to.
     *
     * @param isOurs whether a run, by the uid of its Update, is looked after
     */
    void run(Predicate<String> isOurs) {
        if (System.nanoTime() - due < 0) {
            return;
        }
        due = System.nanoTime() + INTERVAL;
        Stream<RunKey> unrecorded =
                watch.jobs().stream().filter(job -> !TrackedRun.isRecorded(job)).map(job -> new TrackedRun(job).key());
        Stream.concat(halfMade(), unrecorded)
                .distinct()
                .filter(key -> !isOurs.test(key.updateUid()))
                .forEach(this::sweep);
    }

    /** Each by itself: a namespace that refuses must not keep what is left in all the others. */
    private void sweep(RunKey run) {
        try {
            if (isOver(run) && hasEnded(run)) {
                maker.forget(run);
            }
        } catch (NotLeadingException e) {
            throw e;
        } catch (KubernetesClientException e) {
            LOG.atWarn().setCause(e).addKeyValue("update", run.update()).log("objects of a run were left behind");
        }
    }

    private Stream<RunKey> halfMade() {
        if (namespaces.isEmpty()) {
            return keys(client.serviceAccounts().inAnyNamespace().withLabel(JobObjects.MANAGED_BY, JobObjects.MANAGER));
        }
        return namespaces.stream().flatMap(this::halfMade);
    }

    /** Whoever may take the operator's rights in one namespace away must not keep what is left in the others. */
    private Stream<RunKey> halfMade(String namespace) {
        try {
            return keys(client.serviceAccounts()
                            .inNamespace(namespace)
                            .withLabel(JobObjects.MANAGED_BY, JobObjects.MANAGER))
                    .toList()
                    .stream();
        } catch (KubernetesClientException e) {
            LOG.atWarn().setCause(e).addKeyValue("namespace", namespace).log("what runs have left is not shown");
            return Stream.empty();
        }
    }

    /** In pages: anybody who may make accounts can make many that look like ours. */
    private static Stream<RunKey> keys(
            FilterWatchListDeletable<ServiceAccount, ? extends ServiceAccountList, ?> accounts) {
        var ours = accounts.withLabel(JobObjects.UPDATE_UID);
        return Stream.iterate(
                        page(ours, ""),
                        Objects::nonNull,
                        page -> isLast(page)
                                ? null
                                : page(ours, page.getMetadata().getContinue()))
                .flatMap(page -> page.getItems().stream())
                .flatMap(account -> keyOf(account).stream());
    }

    private static ServiceAccountList page(
            FilterWatchListDeletable<ServiceAccount, ? extends ServiceAccountList, ?> accounts, String next) {
        return accounts.list(
                new ListOptionsBuilder().withLimit(PAGE).withContinue(next).build());
    }

    private static boolean isLast(ServiceAccountList page) {
        String next = page.getMetadata().getContinue();
        return next == null || next.isEmpty();
    }

    private static Optional<RunKey> keyOf(ServiceAccount account) {
        Map<String, String> labels = account.getMetadata().getLabels();
        String update = labels.get(JobObjects.UPDATE);
        return update == null || !account.getMetadata().getName().equals(RunObjects.account(update))
                ? Optional.empty()
                : Optional.of(new RunKey(
                        new StackKey(account.getMetadata().getNamespace(), labels.getOrDefault(JobObjects.STACK, "")),
                        labels.getOrDefault(JobObjects.STACK_UID, ""),
                        update,
                        labels.get(JobObjects.UPDATE_UID)));
    }

    private boolean isOver(RunKey run) {
        Optional<Update> update = maker.update(run);
        return update.isEmpty()
                || update.get().getStatus() != null
                        && update.get().getStatus().phase() != null
                        && update.get().getStatus().phase().isFinal();
    }

    /** An Update's phase can be written by the run itself: only its pods prove an end. */
    private boolean hasEnded(RunKey run) {
        return watch.job(run)
                .map(job -> JobView.of(job, watch.pods(job), Optional.empty(), clock.instant()) instanceof JobView.Over)
                .orElse(true);
    }
}
