package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.stackwright.api.v1alpha1.Labels;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.execution.RunFinalizer;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.kube.NotLeadingException;
import io.stackwright.operator.source.StackKey;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
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
 * between the first objects of a run and its Job, or somebody took our finalizer off its Update. The account of a run is
 * made first and removed last, so what is left has one, or a Job that does not say that its end is recorded. What belonged
 * to an Update that is gone is removed by Kubernetes.
 */
final class JobSweep {

    private static final Logger LOG = LoggerFactory.getLogger(JobSweep.class);
    private static final long PAGE = 100;

    /** Each takes some requests. */
    private static final int AT_ONCE = 200;

    /** What takes longer hangs in what its namespace has in the way of admission: the others there wait for another time. */
    private static final long HANGS = Duration.ofSeconds(5).toNanos();

    private static final long INTERVAL = Duration.ofMinutes(10).toNanos();
    private static final long SOON = Duration.ofSeconds(10).toNanos();

    private final KubernetesClient client;
    private final JobWatch watch;
    private final JobMaker maker;
    private final Set<String> namespaces;
    private final Clock clock;
    private final Turns<Left> turns = new Turns<>(AT_ONCE, Left::place);
    private long due = System.nanoTime();

    /**
     * What a run may have left.
     *
     * @param place where that is, in the order in which it is looked at
     */
    private record Left(String place, RunKey run) {

        /** In the order of the API server's lists. */
        static Left account(RunKey run) {
            return new Left("account " + name(run), run);
        }

        static Left job(RunKey run) {
            return new Left("job " + name(run), run);
        }

        private static String name(RunKey run) {
            return before(run.stack().namespace()) + RunObjects.account(run.update());
        }

        static String before(String namespace) {
            return namespace + "/";
        }
    }

    JobSweep(KubernetesClient client, JobWatch watch, JobMaker maker, Set<String> namespaces, Clock clock) {
        this.client = client;
        this.watch = watch;
        this.maker = maker;
        this.namespaces = namespaces;
        this.clock = clock;
    }

    /** Something was left behind. */
    synchronized void soon() {
        long soon = System.nanoTime() + SOON;
        // What is left behind all the time puts nothing off.
        due = soon - due < 0 ? soon : due;
    }

    private synchronized boolean takeDue() {
        boolean isDue = System.nanoTime() - due >= 0;
        if (isDue) {
            due = System.nanoTime() + INTERVAL;
        }
        return isDue;
    }

    private synchronized void goOn() {
        due = System.nanoTime();
    }

    /**
     * Sweeps, if it is time to: some of what there is, and the rest the next time.
     *
     * @param isOurs whether a run, by the uid of its Update, is looked after
     */
    void run(Predicate<String> isOurs) {
        if (!takeDue()) {
            return;
        }
        Set<String> hanging = new HashSet<>();
        for (Left left : turns.next(
                Stream.concat(halfMade().map(Left::account), unrecorded().map(Left::job))
                        .filter(left -> !isOurs.test(left.run().updateUid())))) {
            String namespace = left.run().stack().namespace();
            long begun = System.nanoTime();
            if (!hanging.contains(namespace)) {
                sweep(left.run());
            }
            if (System.nanoTime() - begun > HANGS) {
                hanging.add(namespace);
            }
        }
        if (!turns.isThrough()) {
            goOn();
        }
    }

    private Stream<RunKey> unrecorded() {
        return watch.jobs().stream()
                .filter(job -> !TrackedRun.isRecorded(job))
                .map(job -> new TrackedRun(job).key())
                .sorted(Comparator.comparing(run -> Left.job(run).place()));
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
            return keys(client.serviceAccounts().inAnyNamespace().withLabel(Labels.MANAGED_BY, Labels.MANAGER));
        }
        return namespaces.stream().sorted(Comparator.comparing(Left::before)).flatMap(this::halfMade);
    }

    /** Whoever may take the operator's rights in one namespace away must not keep what is left in the others. */
    private Stream<RunKey> halfMade(String namespace) {
        try {
            return keys(client.serviceAccounts().inNamespace(namespace).withLabel(Labels.MANAGED_BY, Labels.MANAGER))
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
        var ours = accounts.withLabel(Labels.UPDATE_UID);
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

    /**
     * Of an account that was made for an Update, and is not about to go: there is one for each Update at most, since
     * Kubernetes removes what says that it belongs to one that there is not.
     */
    private static Optional<RunKey> keyOf(ServiceAccount account) {
        ObjectMeta metadata = account.getMetadata();
        Map<String, String> labels = metadata.getLabels();
        RunKey run = new RunKey(
                new StackKey(metadata.getNamespace(), labels.getOrDefault(Labels.STACK, "")),
                labels.getOrDefault(Labels.STACK_UID, ""),
                labels.getOrDefault(Labels.UPDATE, ""),
                labels.get(Labels.UPDATE_UID));
        boolean stays = metadata.getDeletionTimestamp() == null
                && metadata.getName().equals(RunObjects.account(run.update()))
                && metadata.getOwnerReferences().stream().anyMatch(owner -> isUpdate(owner, run));
        return stays ? Optional.of(run) : Optional.empty();
    }

    private static boolean isUpdate(OwnerReference owner, RunKey run) {
        return HasMetadata.getKind(Update.class).equals(owner.getKind())
                && run.update().equals(owner.getName())
                && run.updateUid().equals(owner.getUid());
    }

    private boolean isOver(RunKey run) {
        return maker.update(run).filter(JobSweep::isOpen).isEmpty();
    }

    /** Of one that has not our finalizer any more nobody takes an end. */
    static boolean isOpen(Update update) {
        UpdateStatus status = update.getStatus();
        boolean ended =
                status != null && status.phase() != null && status.phase().isFinal();
        return !ended && RunFinalizer.isOn(update);
    }

    /** An Update's phase can be written by the run itself: only its pods prove an end. */
    private boolean hasEnded(RunKey run) {
        return watch.job(run)
                .map(job -> JobView.of(job, watch.pods(job), Optional.empty(), clock.instant()) instanceof JobView.Over)
                .orElse(true);
    }
}
