package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.telemetry.EventRecorder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.function.BiPredicate;

/** Notices that somebody has deleted the Secret in which a Stack's outputs are published. */
final class LostOutputs {

    /** Whoever deletes it again and again must not keep a worker busy. */
    static final Duration PAUSE = Duration.ofSeconds(30);

    private final BiPredicate<String, String> exists;
    private final EventRecorder events;
    private final Clock clock;

    /** @param exists asks the API server for a Secret, by namespace and name */
    LostOutputs(BiPredicate<String, String> exists, EventRecorder events, Clock clock) {
        this.exists = exists;
        this.events = events;
        this.clock = clock;
    }

    /**
     * Has an up follow, which publishes the outputs anew. Where one is due in any case nothing is looked at, and where the
     * watch knows the Secret nobody is asked; one that was made a moment ago it may not know yet.
     *
     * @return when to look again, where the last up is too short a time ago
     */
    Optional<Duration> notice(StatusDraft draft, Stack stack, StackDirectory directory) {
        String namespace = stack.getMetadata().getNamespace();
        String name = draft.status().outputsSecret();
        StackStatus.AppliedStatus applied = draft.status().applied();
        boolean published = name != null && applied != null && applied.fingerprint() != null;
        boolean leaving = stack.getMetadata().getDeletionTimestamp() != null;
        if (!published || leaving || directory.hasSecret(namespace, name) || exists.test(namespace, name)) {
            return Optional.empty();
        }
        Duration left = Duration.between(clock.instant(), at(applied).plus(PAUSE));
        if (left.isPositive() && left.compareTo(PAUSE) <= 0) {
            return Optional.of(left);
        }
        OutcomeRecorder.applyAnew(draft);
        events.normal(
                stack,
                Reason.Progressing.name(),
                "Reconcile",
                "Secret `" + name + "` with the outputs is gone; an up makes it anew");
        return Optional.empty();
    }

    /** Anybody may have written it. */
    private static Instant at(StackStatus.AppliedStatus applied) {
        try {
            return applied.at() == null ? Instant.EPOCH : Instant.parse(applied.at());
        } catch (DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }
}
