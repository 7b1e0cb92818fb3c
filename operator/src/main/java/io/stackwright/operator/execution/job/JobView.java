package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.RunState.Hindrance;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a Job and its pods show. Over is said only with proof: Pulumi's container has terminated, its pod is in a final
 * phase, or the Job is finished and no pod of it is left that is not.
 */
sealed interface JobView {

    /** Pulumi's container has not started. */
    record Waiting(Optional<Hindrance> hindrance) implements JobView {}

    /** It has, and nothing tells that it has ended. */
    record Running() implements JobView {}

    /**
     * Its pod was deleted, its grace is over, and the kubelet has not said that its containers have ended, or that they were
     * never started: its node may be gone, or just out of reach.
     */
    record Overdue(String why) implements JobView {}

    /**
     * It has ended.
     *
     * @param unreported what to say of it if it left no report
     */
    record Over(Failure unreported) implements JobView {}

    /**
     * Whether such a run takes a worker. What cannot start may stay so for long; what was to have ended and does not say so,
     * or has ended and cannot be taken up, until a person comes.
     */
    default boolean isAtWork() {
        return switch (this) {
            case Waiting(Optional<Hindrance> hindrance) -> hindrance.isEmpty();
            case Running running -> true;
            case Overdue overdue -> false;
            case Over over -> false;
        };
    }

    int MAX_MESSAGE = 512;

    /** How long after a pod's grace its kubelet may take to say that it has ended. */
    Duration KUBELET = Duration.ofSeconds(20);

    /** How soon a scheduler that there is looks at a pod. */
    Duration SCHEDULER = Duration.ofSeconds(15);

    Set<String> IMAGE_TROUBLE = Set.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "ErrImageNeverPull",
            "InvalidImageName",
            "ImageInspectError",
            "RegistryUnavailable",
            "SignatureValidationFailed");

    Set<String> START_TROUBLE = Set.of(
            "CreateContainerConfigError",
            "CreateContainerError",
            "RunContainerError",
            "CrashLoopBackOff",
            "PostStartHookError");

    /** What the kubelet or a controller calls the end of a pod that was moved away. */
    Map<String, String> DISRUPTIONS = Map.of(
            "Evicted", "it was evicted",
            "Preempting", "it was preempted",
            "NodeLost", "its node is gone",
            "NodeShutdown", "its node was shut down",
            "Terminated", "its node was shut down",
            "Shutdown", "its node was shut down",
            "NodeAffinity", "its node no longer admits it",
            "UnexpectedAdmissionError", "its node did not admit it",
            "OutOfcpu", "its node had no processor left",
            "OutOfmemory", "its node had no memory left");

    /**
     * Looks at a Job.
     *
     * @param pods those that the Job controls
     * @param event what an event tells of why there is no pod, or why it does not start
     */
    static JobView of(Job job, Collection<Pod> pods, Optional<Hindrance> event, Instant now) {
        Optional<Pod> latest = pods.stream()
                .max(Comparator.comparing(pod -> pod.getMetadata().getCreationTimestamp() == null
                        ? ""
                        : pod.getMetadata().getCreationTimestamp()));
        if (pods.stream().allMatch(JobView::hasEnded) && (!pods.isEmpty() || isFinished(job))) {
            return new Over(why(job, latest, event, now));
        }
        Optional<Pod> started = pods.stream().filter(JobView::hasStarted).findFirst();
        if (started.isEmpty()) {
            // Its kubelet may have started it, and not be able to say so; one without a node goes at once.
            return pods.stream()
                    .filter(pod -> isBound(pod) && !hasEnded(pod) && isOverdue(pod, now))
                    .findFirst()
                    .<JobView>map(JobView::overdue)
                    .orElseGet(() -> new Waiting(suspension(job)
                            .or(() -> latest.flatMap(pod -> hindrance(pod, now)))
                            .or(() -> event)));
        }
        return started.filter(pod -> isOverdue(pod, now))
                .<JobView>map(JobView::overdue)
                .orElseGet(Running::new);
    }

    private static boolean isBound(Pod pod) {
        return pod.getSpec() != null && pod.getSpec().getNodeName() != null;
    }

    private static boolean isOverdue(Pod pod, Instant now) {
        // The time at which its grace is over.
        String deletion = pod.getMetadata().getDeletionTimestamp();
        return deletion != null && now.isAfter(Instant.parse(deletion).plus(KUBELET));
    }

    private static Overdue overdue(Pod pod) {
        String node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
        return new Overdue("pod " + pod.getMetadata().getName() + " was to have ended at "
                + pod.getMetadata().getDeletionTimestamp() + ", and its node " + node
                + " does not say that it has. If that node is down for good, delete it, or taint it with"
                + " node.kubernetes.io/out-of-service=nodeshutdown:NoExecute: then Kubernetes says so");
    }

    /** Why a run was stopped that Stackwright has not asked to. */
    static Failure stopped(Job job, Collection<Pod> pods) {
        Optional<Failure> moved = pods.stream()
                .flatMap(pod -> disruption(pod).stream()
                        .map(why -> "pod " + pod.getMetadata().getName() + ": " + why))
                .findFirst()
                .map(why -> new Failure(Failure.Kind.TRANSIENT, Reason.Evicted, why));
        return moved.orElseGet(() -> isOverDeadline(job)
                ? new Failure(
                        Failure.Kind.TRANSIENT,
                        Reason.DeadlineExceeded,
                        "Job " + job.getMetadata().getName() + " was over its deadline")
                : stopped());
    }

    /** The same where there is no Job any more. */
    static Failure stopped() {
        return new Failure(
                Failure.Kind.TRANSIENT,
                Reason.Interrupted,
                "somebody else than Stackwright has stopped it: its pod or its Job was deleted");
    }

    /** From its making to its end; to now while it does not tell of one: the operator may have been away since. */
    static Duration age(Job job, Instant now) {
        Optional<String> completed = Optional.ofNullable(job.getStatus()).map(JobStatus::getCompletionTime);
        Instant end = completed
                .or(() -> condition(job, "Failed").map(JobCondition::getLastTransitionTime))
                .map(Instant::parse)
                .orElse(now);
        Duration age = Duration.between(Instant.parse(job.getMetadata().getCreationTimestamp()), end);
        return age.isNegative() ? Duration.ZERO : age;
    }

    private static boolean isOverDeadline(Job job) {
        return Stream.of("FailureTarget", "Failed")
                .flatMap(type -> condition(job, type).stream())
                .anyMatch(condition -> "DeadlineExceeded".equals(condition.getReason()));
    }

    private static Optional<Hindrance> suspension(Job job) {
        return isSuspended(job)
                ? Optional.of(new Hindrance(
                        Reason.PodNotStarted,
                        "Job " + job.getMetadata().getName()
                                + " is suspended (spec.suspend), by a queue or by a person;"
                                + " it goes on when it is resumed"))
                : Optional.empty();
    }

    static boolean isSuspended(Job job) {
        return Boolean.TRUE.equals(job.getSpec().getSuspend());
    }

    private static boolean isFinished(Job job) {
        return condition(job, "Complete").isPresent()
                || condition(job, "Failed").isPresent();
    }

    private static Optional<JobCondition> condition(Job job, String type) {
        return job.getStatus() == null
                ? Optional.empty()
                : job.getStatus().getConditions().stream()
                        .filter(condition -> type.equals(condition.getType()) && "True".equals(condition.getStatus()))
                        .findFirst();
    }

    /** Whether Pulumi's container of a pod has ended, or never starts any more. */
    static boolean hasEnded(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return "Succeeded".equals(phase)
                || "Failed".equals(phase)
                || main(pod).filter(status -> terminated(status) != null).isPresent();
    }

    private static boolean hasStarted(Pod pod) {
        return main(pod)
                .filter(status -> status.getState() != null && status.getState().getRunning() != null)
                .isPresent();
    }

    private static Optional<ContainerStatus> main(Pod pod) {
        return statuses(pod, false)
                .filter(status -> JobObjects.CONTAINER.equals(status.getName()))
                .findFirst();
    }

    private static Stream<ContainerStatus> statuses(Pod pod, boolean init) {
        if (pod.getStatus() == null) {
            return Stream.empty();
        }
        List<ContainerStatus> statuses = init
                ? pod.getStatus().getInitContainerStatuses()
                : pod.getStatus().getContainerStatuses();
        return statuses == null ? Stream.empty() : statuses.stream();
    }

    private static ContainerStateTerminated terminated(ContainerStatus status) {
        return status.getState() == null ? null : status.getState().getTerminated();
    }

    private static Optional<Hindrance> hindrance(Pod pod, Instant now) {
        Optional<Hindrance> unscheduled = podCondition(pod, "PodScheduled", "False")
                .map(condition -> new Hindrance(
                        Reason.Unschedulable, "no node takes the pod: " + bounded(condition.getMessage())));
        return unscheduled
                .or(() -> unseen(pod, now))
                .or(() -> Stream.concat(statuses(pod, true), statuses(pod, false))
                        .flatMap(status -> waiting(status).stream())
                        .findFirst());
    }

    /** A scheduler says what it thinks of a pod; one that does not exist says nothing. */
    private static Optional<Hindrance> unseen(Pod pod, Instant now) {
        String created = pod.getMetadata().getCreationTimestamp();
        boolean looked = pod.getSpec() == null
                || pod.getSpec().getNodeName() != null
                || podCondition(pod, "PodScheduled", "True").isPresent();
        if (looked || created == null || now.isBefore(Instant.parse(created).plus(SCHEDULER))) {
            return Optional.empty();
        }
        return Optional.of(new Hindrance(
                Reason.Unschedulable,
                "no scheduler has looked at the pod; is there one called "
                        + bounded(text(pod.getSpec().getSchedulerName())) + "?"));
    }

    private static Optional<Hindrance> waiting(ContainerStatus status) {
        ContainerStateWaiting waiting =
                status.getState() == null ? null : status.getState().getWaiting();
        if (waiting == null || waiting.getReason() == null) {
            return Optional.empty();
        }
        if (IMAGE_TROUBLE.contains(waiting.getReason())) {
            return Optional.of(new Hindrance(
                    Reason.ImagePullFailed,
                    "image " + bounded(status.getImage()) + " of container " + status.getName() + ": "
                            + bounded(waiting.getReason() + " " + text(waiting.getMessage()))));
        }
        return START_TROUBLE.contains(waiting.getReason())
                ? Optional.of(new Hindrance(
                        Reason.PodNotStarted,
                        "container " + status.getName() + ": "
                                + bounded(waiting.getReason() + " " + text(waiting.getMessage()))))
                : Optional.empty();
    }

    private static Failure why(Job job, Optional<Pod> pod, Optional<Hindrance> event, Instant now) {
        Optional<Failure> ofPod = pod.flatMap(JobView::ofPod);
        if (ofPod.isPresent()) {
            return ofPod.get();
        }
        Optional<JobCondition> failed = condition(job, "Failed");
        Optional<Hindrance> hindrance =
                pod.flatMap(found -> hindrance(found, now)).or(() -> event);
        if (isOverDeadline(job)) {
            return new Failure(
                    Failure.Kind.TRANSIENT,
                    hindrance.map(Hindrance::reason).orElse(Reason.DeadlineExceeded),
                    "Job " + job.getMetadata().getName() + " was over its deadline"
                            + hindrance.map(h -> "; " + h.message()).orElse(""));
        }
        return new Failure(
                Failure.Kind.TRANSIENT,
                Reason.PodFailed,
                "Job " + job.getMetadata().getName() + " has ended without a pod that tells why"
                        + failed.map(condition -> ": " + bounded(condition.getMessage()))
                                .orElse(""));
    }

    private static Optional<Failure> ofPod(Pod pod) {
        String name = pod.getMetadata().getName();
        Optional<String> moved = disruption(pod);
        if (moved.isPresent()) {
            return Optional.of(new Failure(
                    Failure.Kind.TRANSIENT, Reason.Evicted, "pod " + name + " did not end by itself: " + moved.get()));
        }
        Optional<Failure> init = statuses(pod, true)
                .filter(status ->
                        terminated(status) != null && terminated(status).getExitCode() != 0)
                .findFirst()
                .map(status -> new Failure(
                        Failure.Kind.TRANSIENT,
                        Reason.PodNotStarted,
                        "pod " + name + ": the runner could not be put into place: " + told(terminated(status))));
        return init.or(() ->
                main(pod).filter(status -> terminated(status) != null).map(status -> ofEnd(name, terminated(status))));
    }

    private static Failure ofEnd(String pod, ContainerStateTerminated end) {
        if ("OOMKilled".equals(end.getReason())) {
            return new Failure(
                    Failure.Kind.FAILED,
                    Reason.OOMKilled,
                    "pod " + pod + " used more memory than its limit and was killed; raise the memory limit in"
                            + " spec.execution.podTemplate, or lower spec.updates.parallel");
        }
        boolean never = "ContainerCannotRun".equals(end.getReason()) || "StartError".equals(end.getReason());
        return new Failure(
                Failure.Kind.TRANSIENT,
                never ? Reason.PodNotStarted : Reason.PodFailed,
                "pod " + pod + " ended without a report: "
                        + ExitCode.meaning(end.getExitCode()).orElseGet(() -> told(end)));
    }

    private static String told(ContainerStateTerminated end) {
        return "exit code " + end.getExitCode() + " " + bounded(text(end.getReason()) + " " + text(end.getMessage()));
    }

    /** Who took the pod away, as far as that is told. */
    private static Optional<String> disruption(Pod pod) {
        if (pod.getStatus() == null) {
            return Optional.empty();
        }
        String reason = pod.getStatus().getReason();
        if (reason != null && DISRUPTIONS.containsKey(reason)) {
            return Optional.of(
                    DISRUPTIONS.get(reason) + ": " + bounded(pod.getStatus().getMessage()));
        }
        return podCondition(pod, "DisruptionTarget", "True")
                .map(condition -> text(condition.getReason()) + ": " + bounded(condition.getMessage()));
    }

    private static Optional<PodCondition> podCondition(Pod pod, String type, String status) {
        return pod.getStatus() == null || pod.getStatus().getConditions() == null
                ? Optional.empty()
                : pod.getStatus().getConditions().stream()
                        .filter(condition -> type.equals(condition.getType()) && status.equals(condition.getStatus()))
                        .findFirst();
    }

    private static String text(String text) {
        return text == null ? "" : text;
    }

    private static String bounded(String text) {
        String known = text(text).strip();
        return known.length() <= MAX_MESSAGE ? known : known.substring(0, MAX_MESSAGE - 1) + "…";
    }
}
