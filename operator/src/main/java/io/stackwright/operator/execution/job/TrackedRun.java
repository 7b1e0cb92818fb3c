package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.stackwright.api.v1alpha1.Labels;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.RunState.Hindrance;
import io.stackwright.operator.source.StackKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** What this process knows of one run besides what the cluster shows; guarded by its executor. */
final class TrackedRun {

    /** How far the operator's own work is. */
    enum Stage {
        /** Waits for its turn. */
        QUEUED,
        /** Its objects are being made. */
        MAKING,
        /** It has a Job. */
        MADE,
        /** What it has come to is known. */
        ENDED
    }

    private final RunKey key;
    private final String identity;
    private Optional<RunRequest> request;
    private final long since = System.nanoTime();
    private Stage stage;
    private boolean seen;
    private boolean cancelled;
    private boolean taking;
    private boolean asked;
    private Optional<RunOutcome> outcome = Optional.empty();
    private Instant wanted = Instant.MIN;
    private Optional<Hindrance> event = Optional.empty();
    private Optional<Hindrance> hindrance = Optional.empty();
    private Optional<String> doubt = Optional.empty();
    private String shown = "";
    private long lookedForEvents;
    private Optional<String> pod = Optional.empty();
    private boolean several;
    private boolean claimLookedAt;
    private final Attempts starts = new Attempts();
    private final Attempts takes = new Attempts();
    private final Attempts stops = new Attempts();
    private Optional<Hindrance> untaken = Optional.empty();

    /** One that was handed over. */
    TrackedRun(RunRequest request) {
        this.key = request.run();
        this.identity = JobObjects.identity(request);
        this.request = Optional.of(request);
        this.stage = Stage.QUEUED;
    }

    /** One that another process has started. */
    TrackedRun(Job job) {
        Map<String, String> labels = job.getMetadata().getLabels();
        this.key = new RunKey(
                new StackKey(job.getMetadata().getNamespace(), labels.getOrDefault(Labels.STACK, "")),
                labels.getOrDefault(Labels.STACK_UID, ""),
                job.getMetadata().getName(),
                labels.get(Labels.UPDATE_UID));
        this.identity =
                told(job.getMetadata().getNamespace(), labels.getOrDefault(JobObjects.IDENTITY, key.updateUid()));
        this.request = Optional.empty();
        this.stage = Stage.MADE;
        this.seen = true;
    }

    RunKey key() {
        return key;
    }

    String namespace() {
        return key.stack().namespace();
    }

    /**
     * What it works on: the digest of a Pulumi stack, or what its Job tells of that. Whoever may change Jobs can have one
     * tell anything, so that this counts for runs of the same namespace only.
     */
    String identity() {
        return identity;
    }

    static String told(String namespace, String identity) {
        return namespace + "|" + identity;
    }

    /** What to make the Job of; empty when there is one, or none is needed any more. */
    Optional<RunRequest> request() {
        return request;
    }

    long since() {
        return since;
    }

    Stage stage() {
        return stage;
    }

    void stage(Stage next) {
        stage = next;
        forgetSecrets();
    }

    /** The Job has them by now, and may go on for hours. */
    private void forgetSecrets() {
        if (stage == Stage.MADE || stage == Stage.ENDED) {
            request = Optional.empty();
        }
    }

    /** Whether its Job was there once. */
    boolean isSeen() {
        return seen;
    }

    void markSeen() {
        seen = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    void cancel() {
        cancelled = true;
    }

    /** Whether its report is being taken up. */
    boolean isTaking() {
        return taking;
    }

    void taking(boolean now) {
        taking = now;
    }

    /** Whether its Job and pod have been asked to stop. */
    boolean isAsked() {
        return asked;
    }

    void asked(boolean now) {
        asked = now;
    }

    /** Somebody asks what has become of it. */
    void want(Instant now) {
        wanted = now;
    }

    /** Whether nobody has asked what has become of it since. */
    boolean isUnwantedSince(Instant then) {
        return wanted.isBefore(then);
    }

    /** Empty while it has not ended, and when only its Update tells how it did. */
    Optional<RunOutcome> outcome() {
        return outcome;
    }

    /** Whether it has ended, and is not the one to tell how. */
    boolean hasEndedElsewhere() {
        return stage == Stage.ENDED && outcome.isEmpty();
    }

    void end(Optional<RunOutcome> how) {
        stage(Stage.ENDED);
        outcome = how;
    }

    /** What it was last seen to wait for, as long as it has not started: its pod may be gone when that is asked for. */
    Optional<Hindrance> hindrance() {
        return hindrance;
    }

    void hindrance(Optional<Hindrance> seen) {
        hindrance = seen;
    }

    /** Why nobody knows whether the pod that has claimed it has ended, although its Job has. */
    Optional<String> doubt() {
        return doubt;
    }

    void doubt(Optional<String> why) {
        doubt = why;
    }

    /** What an event tells of why it does not start. */
    Optional<Hindrance> event() {
        return event;
    }

    void event(Optional<Hindrance> told) {
        event = told;
    }

    /**
     * Its Job could not be made. One failure is a moment's; of the next ones the Stack is told.
     *
     * @return when to try again
     */
    Duration failedToStart(Hindrance why) {
        if (starts.haveFailed()) {
            event = Optional.of(why);
        }
        return starts.failed();
    }

    /**
     * Its report could not be taken up. One failure is a moment's; of the next ones the Stack is told.
     *
     * @return when to try again; until then it counts as being taken up
     */
    Duration failedToTake(Hindrance why) {
        if (takes.haveFailed()) {
            untaken = Optional.of(why);
        }
        return takes.failed();
    }

    /** Its report has been looked at; while that fails it is being taken up. */
    void looked(JobReports.Report report) {
        if (!(report instanceof JobReports.Report.Untaken)) {
            taking = false;
            untaken = Optional.empty();
            takes.succeeded();
        }
    }

    /** What keeps its report from being taken up. */
    Optional<Hindrance> untaken() {
        return untaken;
    }

    /** Attempts to take its report up. */
    Attempts takes() {
        return takes;
    }

    /** Attempts to stop it. */
    Attempts stops() {
        return stops;
    }

    /** Whether the text differs from the one before. */
    boolean shows(String text) {
        boolean differs = !text.equals(shown);
        shown = text;
        return differs;
    }

    /** Whether one of these pods is another one than the first that was seen of it. */
    boolean hasAnother(Collection<String> podUids) {
        for (String uid : podUids) {
            several |= pod.filter(first -> !first.equals(uid)).isPresent();
            pod = pod.or(() -> Optional.of(uid));
        }
        return several;
    }

    /** Whether it is known that no pod has claimed it before those that this process has seen. */
    boolean isClaimLookedAt() {
        return claimLookedAt;
    }

    void claimLookedAt(boolean known) {
        claimLookedAt = known;
    }

    /** When events were last looked for, in nanoseconds of {@link System#nanoTime}; 0 for never. */
    long lookedForEvents() {
        return lookedForEvents;
    }

    /** Whether it is time to look for events again. */
    boolean isDueForEvents(long nanos, long interval) {
        boolean due = lookedForEvents == 0 || nanos - lookedForEvents >= interval;
        if (due) {
            lookedForEvents = nanos;
        }
        return due;
    }

    /** What its Job says of it; a request in memory says the same. */
    static Operation operation(Job job) {
        String name = annotation(job, JobObjects.OPERATION);
        try {
            return name == null ? Operation.Up : Operation.valueOf(name);
        } catch (IllegalArgumentException e) {
            return Operation.Up;
        }
    }

    static boolean hasGivenPassphrase(Job job) {
        return "given".equals(annotation(job, JobObjects.PASSPHRASE));
    }

    static boolean isCancelled(Job job) {
        return "true".equals(annotation(job, JobObjects.CANCELLED));
    }

    /** Whether it has had several pods. */
    static boolean isReplaced(Job job) {
        return "true".equals(annotation(job, JobObjects.REPLACED));
    }

    static boolean isRecorded(Job job) {
        return "true".equals(annotation(job, JobObjects.RECORDED));
    }

    private static String annotation(Job job, String name) {
        Map<String, String> annotations = job.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(name);
    }
}
