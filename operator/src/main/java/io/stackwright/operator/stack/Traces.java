package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.update.History;
import io.stackwright.operator.update.Updates;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/** What the Updates of a Stack tell of its runs when its status does not: it was wiped, or restored without. */
final class Traces {

    private Traces() {}

    /**
     * Whether a run may have left something that no later one has destroyed; empty when no Update tells. For a Stack that
     * is deleted; once it is destroyed nothing runs any more, and its status says so, for which no Update may be left.
     *
     * @param ended in this look, and not yet written into their Updates
     */
    static Optional<Boolean> exist(Stack stack, StackStatus status, Collection<Update> known, List<RunEnds.End> ended) {
        boolean destroyed = status.stack() == null && Objects.equals(status.resources(), 0);
        if (destroyed || ended.stream().anyMatch(end -> isDestroy(end.update()) && end.phase() == Phase.Succeeded)) {
            return Optional.of(false);
        }
        for (Update update : newestFirst(stack, known)) {
            Phase phase = phase(update, ended);
            if (isDestroy(update) && phase == Phase.Succeeded) {
                return Optional.of(false);
            }
            // One that failed has pinned the identity if it got as far as to establish it; a status that knows of no
            // run at all has lost that too.
            boolean leaves = phase == Phase.Succeeded || phase == Phase.Interrupted || status.lastUpdate() == null;
            if (phase != null && phase.isFinal() && leaves) {
                return Optional.of(true);
            }
        }
        return Optional.empty();
    }

    /** Whether a destroy was cut short since the last up; also when one came after it and did not get far. */
    static boolean destroyCutShort(Stack stack, Collection<Update> known, List<RunEnds.End> ended) {
        if (ended.stream().anyMatch(end -> isDestroy(end.update()) && end.phase() == Phase.Interrupted)) {
            return true;
        }
        return newestFirst(stack, known).stream()
                .takeWhile(Traces::isDestroy)
                .anyMatch(update -> phase(update, ended) == Phase.Interrupted);
    }

    /** Whether the run before this one, of the same operation and inputs, was cut short as well. */
    static boolean diedBefore(Stack stack, Update update, Collection<Update> known) {
        return newestFirst(stack, known, other -> mayChange(other) || verifies(other)).stream()
                .filter(other -> !other.getMetadata()
                        .getUid()
                        .equals(update.getMetadata().getUid()))
                .findFirst()
                .filter(other -> phase(other, List.of()) == Phase.Interrupted
                        && other.getSpec().operation() == update.getSpec().operation()
                        && Objects.equals(
                                other.getSpec().fingerprint(), update.getSpec().fingerprint()))
                .isPresent();
    }

    private static boolean verifies(Update update) {
        return update.getSpec().cause() == Cause.Verify;
    }

    private static boolean mayChange(Update update) {
        return update.getSpec().operation() != Operation.Preview;
    }

    private static boolean isDestroy(Update update) {
        return update.getSpec().operation() == Operation.Destroy;
    }

    /** How many resources the newest up that succeeded has left; null when that is not known, or none. */
    static Integer resources(Stack stack, Collection<Update> known, Updates updates) {
        long count = newestFirst(stack, known).stream()
                .filter(update -> update.getSpec().operation() == Operation.Up)
                .filter(update -> phase(update, List.of()) == Phase.Succeeded)
                .findFirst()
                // The cache has forgotten what only people read.
                .flatMap(update -> updates.find(
                        update.getMetadata().getNamespace(),
                        update.getMetadata().getName()))
                .map(update -> update.getStatus().run().changes())
                .map(RunStatus.Changes::left)
                .orElse(0L);
        return count == 0 ? null : (int) Math.min(count, Integer.MAX_VALUE);
    }

    /** Those of this very object that were run and may have changed something. */
    private static List<Update> newestFirst(Stack stack, Collection<Update> known) {
        return newestFirst(stack, known, Traces::mayChange);
    }

    private static List<Update> newestFirst(Stack stack, Collection<Update> known, Predicate<Update> which) {
        return known.stream()
                .filter(update -> Updates.isOwnedBy(update, stack) && !Updates.isUnrecorded(update))
                .filter(which)
                .filter(Traces::wasClaimed)
                .sorted(History.NEWEST_FIRST)
                .toList();
    }

    static boolean wasClaimed(Update update) {
        return Optional.ofNullable(update.getStatus())
                .map(UpdateStatus::run)
                .map(RunStatus::executor)
                .isPresent();
    }

    private static Phase phase(Update update, List<RunEnds.End> ended) {
        String uid = update.getMetadata().getUid();
        return ended.stream()
                .filter(end -> Objects.equals(uid, end.update().getMetadata().getUid()))
                .map(RunEnds.End::phase)
                .findFirst()
                .orElse(update.getStatus().phase());
    }
}
