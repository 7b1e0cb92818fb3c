package io.stackwright.operator.update;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.UpdateStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The conditions of an Update in a phase: kstatus' three, and Complete or Failed for {@code kubectl wait}. */
final class UpdateConditions {

    private UpdateConditions() {}

    static List<Condition> of(Phase phase, String message, UpdateStatus before, long generation, Instant now) {
        List<Condition> conditions = new ArrayList<>();
        switch (phase) {
            case Queued -> conditions.addAll(waiting(Reason.Queued, message, before, generation, now));
            case Running ->
                add(conditions, before, generation, now, Reason.Progressing, message, false, Condition.RECONCILING);
            case Succeeded ->
                add(conditions, before, generation, now, Reason.Succeeded, message, true, Condition.COMPLETE);
            case Failed, Cancelled, Interrupted, Superseded -> {
                Reason reason = switch (phase) {
                    case Cancelled -> Reason.Cancelled;
                    case Interrupted -> Reason.Interrupted;
                    case Superseded -> Reason.Superseded;
                    default -> Reason.UpdateFailed;
                };
                add(conditions, before, generation, now, reason, message, false, Condition.STALLED);
                conditions.add(condition(Condition.FAILED, Condition.TRUE, before, generation, now, reason, message));
            }
        }
        return conditions;
    }

    /** Not ended, and nothing runs: why it waits. */
    static List<Condition> waiting(Reason reason, String message, UpdateStatus before, long generation, Instant now) {
        List<Condition> conditions = new ArrayList<>();
        add(conditions, before, generation, now, reason, message, false, Condition.RECONCILING);
        return conditions;
    }

    /** Whether Ready has this reason. */
    static boolean isReason(UpdateStatus status, Reason reason) {
        return status != null
                && status.conditions() != null
                && status.conditions().stream()
                        .anyMatch(condition -> condition.type().equals(Condition.READY)
                                && condition.reason().equals(reason.name()));
    }

    private static void add(
            List<Condition> conditions,
            UpdateStatus before,
            long generation,
            Instant now,
            Reason reason,
            String message,
            boolean ready,
            String other) {
        String status = ready ? Condition.TRUE : Condition.FALSE;
        conditions.add(condition(Condition.READY, status, before, generation, now, reason, message));
        conditions.add(condition(other, Condition.TRUE, before, generation, now, reason, message));
    }

    private static Condition condition(
            String type,
            String status,
            UpdateStatus before,
            long generation,
            Instant now,
            Reason reason,
            String message) {
        String since = before == null || before.conditions() == null
                ? now.toString()
                : before.conditions().stream()
                        .filter(old -> old.type().equals(type) && old.status().equals(status))
                        .map(Condition::lastTransitionTime)
                        .findFirst()
                        .orElse(now.toString());
        return new Condition(type, status, generation, since, reason.name(), message);
    }
}
