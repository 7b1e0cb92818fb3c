package io.stackwright.operator.execution.job;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.execution.RunState.Hindrance;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What Kubernetes' events tell of a Job that gets no pod, or of a pod that does not start. */
final class JobEvents {

    private static final Set<String> OF_PODS = Set.of("FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox");
    private static final Set<String> OF_JOBS = Set.of("FailedCreate");
    private static final int MAX_MESSAGE = 512;

    private JobEvents() {}

    /** Reasons of the events to look for. */
    static Set<String> reasons(boolean ofPod) {
        return ofPod ? OF_PODS : OF_JOBS;
    }

    /** What keeps the run from starting; empty for an event of another kind. */
    static Optional<Hindrance> hindrance(String reason, String message) {
        String told = message == null ? "" : message;
        if (OF_PODS.contains(reason)) {
            return Optional.of(new Hindrance(Reason.PodNotStarted, "the pod does not start: " + bounded(told)));
        }
        if (!OF_JOBS.contains(reason)) {
            return Optional.empty();
        }
        String lower = told.toLowerCase(Locale.ROOT);
        if (lower.contains("exceeded quota") || lower.contains("failed quota")) {
            return Optional.of(new Hindrance(Reason.QuotaExceeded, "the pod is refused: " + bounded(told)));
        }
        if (lower.contains("serviceaccount") && lower.contains("not found")) {
            return Optional.of(new Hindrance(Reason.ServiceAccountNotFound, "the pod is refused: " + bounded(told)));
        }
        return Optional.of(new Hindrance(Reason.PodNotStarted, "the pod is refused: " + bounded(told)));
    }

    private static String bounded(String text) {
        return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE - 1) + "…";
    }
}
