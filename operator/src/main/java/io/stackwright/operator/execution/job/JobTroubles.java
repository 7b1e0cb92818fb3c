package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventList;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.RunState.Hindrance;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out why a Job has no pod, or why its pod does not start, where only events tell; and for how long it may not. */
final class JobTroubles {

    private static final Logger LOG = LoggerFactory.getLogger(JobTroubles.class);
    private static final Duration POD_IS_DUE = Duration.ofMillis(1500);
    private static final Duration START_IS_DUE = Duration.ofSeconds(5);
    private static final long INTERVAL = Duration.ofSeconds(3).toNanos();
    private static final int MAX_MESSAGE = 300;
    private static final long PAGE = 5;
    private static final int PAGES = 4;

    private final KubernetesClient client;
    private final Clock clock;

    JobTroubles(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /**
     * Looks, if it is time to, and notes on the run what is told.
     *
     * @return whether it was time to
     */
    boolean look(TrackedRun run, Job job, Collection<Pod> pods) {
        HasMetadata of = pods.isEmpty() ? job : pods.iterator().next();
        Duration due = pods.isEmpty() ? POD_IS_DUE : START_IS_DUE;
        boolean young = Duration.between(Instant.parse(of.getMetadata().getCreationTimestamp()), clock.instant())
                        .compareTo(due)
                < 0;
        Optional<Hindrance> before = run.event();
        if (young && before.isEmpty() || !run.isDueForEvents(System.nanoTime(), INTERVAL)) {
            return false;
        }
        try {
            run.event(hindrance(of));
        } catch (KubernetesClientException e) {
            // Where this one is, all may be refused; the others are to be looked at after it.
            LOG.atDebug().setCause(e).addKeyValue("update", run.key().update()).log("events are not shown");
        }
        return true;
    }

    /** Whether it has waited for longer than it may, and is not ended for that already. */
    boolean isLate(Job job) {
        Long deadline = job.getSpec().getActiveDeadlineSeconds();
        boolean ends = !JobView.isSuspended(job) && deadline != null && deadline <= counted(job);
        return JobView.age(job, clock.instant()).compareTo(JobObjects.START) > 0 && !ends;
    }

    /**
     * Ends one that is late: what began now would be cut off in the middle, by a deadline that counts the time it has
     * waited, or left with a token that is no longer good. No deadline binds one that is suspended: it goes, and its run
     * gets another Job, unless it had begun.
     *
     * @throws KubernetesClientException when it cannot be ended now
     */
    void end(Job job) {
        if (JobView.isSuspended(job)) {
            client.resource(job)
                    .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                    .delete();
            return;
        }
        client.resource(job)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"uid\": \"%s\"}, \"spec\": {\"activeDeadlineSeconds\": %d}}"
                                .formatted(job.getMetadata().getUid(), counted(job)));
    }

    /** The seconds of its deadline that are over: they count anew when a queue resumes it, as it may long after its making. */
    private long counted(Job job) {
        return Optional.ofNullable(job.getStatus())
                .map(JobStatus::getStartTime)
                .map(start -> Duration.between(Instant.parse(start), clock.instant()))
                .map(started -> Math.max(1, started.toSeconds()))
                .orElseGet(() -> JobView.age(job, clock.instant()).toSeconds());
    }

    /** In small pages: whoever may write events can write many, each as large as an object can be. */
    private Optional<Hindrance> hindrance(HasMetadata of) {
        Optional<Told> latest = Optional.empty();
        for (String reason : JobEvents.reasons(of instanceof Pod)) {
            latest = latest(latest, events(of, reason));
        }
        return latest.map(Told::hindrance);
    }

    /** @param time as text, in an order that is that of time */
    private record Told(String time, Hindrance hindrance) {}

    private Stream<Told> events(HasMetadata of, String reason) {
        var events = client.v1()
                .events()
                .inNamespace(of.getMetadata().getNamespace())
                .withField("involvedObject.uid", of.getMetadata().getUid())
                .withField("type", "Warning")
                .withField("reason", reason);
        return Stream.iterate(
                        page(events, ""),
                        Objects::nonNull,
                        page -> next(page).map(next -> page(events, next)).orElse(null))
                .limit(PAGES)
                .flatMap(page -> page.getItems().stream())
                .flatMap(event -> JobEvents.hindrance(event.getReason(), event.getMessage()).stream()
                        .map(hindrance -> new Told(time(event), hindrance)));
    }

    private static EventList page(FilterWatchListDeletable<Event, EventList, ?> events, String next) {
        return events.list(
                new ListOptionsBuilder().withLimit(PAGE).withContinue(next).build());
    }

    private static Optional<String> next(EventList page) {
        return Optional.ofNullable(page.getMetadata().getContinue()).filter(next -> !next.isEmpty());
    }

    private static Optional<Told> latest(Optional<Told> before, Stream<Told> more) {
        return Stream.concat(before.stream(), more).max(Comparator.comparing(Told::time));
    }

    private static String time(Event event) {
        if (event.getLastTimestamp() != null) {
            return event.getLastTimestamp();
        }
        return event.getEventTime() == null ? "" : event.getEventTime().getTime();
    }

    /** What the API server will not have for now; empty when it is to be tried again at once. */
    static Optional<Failure> refusal(KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN && e.getCode() != 422 && e.getCode() != 400) {
            return Optional.empty();
        }
        String why = e.getStatus() == null ? "" : String.valueOf(e.getStatus().getMessage());
        boolean quota = why.contains("exceeded quota");
        return Optional.of(new Failure(
                Failure.Kind.TRANSIENT,
                quota ? Reason.QuotaExceeded : Reason.ApiRefused,
                "the API server refuses what the run needs (code " + e.getCode() + "): "
                        + why.substring(0, Math.min(why.length(), MAX_MESSAGE))));
    }

    /** Whether nothing can be made any more because the namespace goes. */
    static boolean isTerminating(KubernetesClientException e) {
        return e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                && e.getStatus() != null
                && e.getStatus().getDetails() != null
                && e.getStatus().getDetails().getCauses().stream()
                        .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
    }
}
