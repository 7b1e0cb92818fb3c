package io.stackwright.operator.update;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which ended Updates of a Stack may be forgotten. */
public final class History {

    /** Ended Updates that are kept where the Stack names no {@code historyLimit}. */
    public static final int DEFAULT_LIMIT = 10;

    /** The order of Updates in time; of those of one second people's, who wait for them, then by number. */
    public static final Comparator<Update> NEWEST_FIRST = Comparator.<Update, String>comparing(
                    update -> update.getMetadata().getCreationTimestamp())
            .thenComparing(Updates::isPersons)
            .thenComparing(update -> update.getMetadata().getName().length())
            .thenComparing(update -> update.getMetadata().getName())
            .reversed();

    /** How many runs that were cut short are kept beyond the limit: each may have left a lock. */
    private static final int UNRESOLVED = 50;

    private History() {}

    /**
     * All but the newest {@code limit} ended Updates, and never one that the status names, nor one that was cut short
     * while no run has succeeded since: it proves that the holder of its lock is dead, and explains what is missing.
     */
    public static List<Update> surplus(Collection<Update> updates, StackStatus status, int limit) {
        return surplus(updates, Set.of(), status, limit);
    }

    /**
     * The same, where some of the Updates have ended since they were read.
     *
     * @param justEnded names of those
     */
    public static List<Update> surplus(
            Collection<Update> updates, Set<String> justEnded, StackStatus status, int limit) {
        Set<String> kept = new HashSet<>();
        if (status.applied() != null) {
            kept.add(status.applied().update());
        }
        if (status.current() != null) {
            kept.add(status.current().update());
        }
        if (status.failures() != null) {
            kept.add(status.failures().update());
        }
        List<Update> ended = updates.stream()
                .filter(update -> hasEnded(update)
                        || justEnded.contains(update.getMetadata().getName()))
                .sorted(NEWEST_FIRST)
                .toList();
        ended.stream()
                .takeWhile(update -> !resolves(update))
                .filter(update -> phase(update) == Phase.Interrupted)
                .limit(UNRESOLVED)
                .forEach(update -> kept.add(update.getMetadata().getName()));
        return ended.stream()
                .skip(limit)
                .filter(update -> !kept.contains(update.getMetadata().getName()))
                .toList();
    }

    /** Whether nothing more will happen to the Update. */
    public static boolean hasEnded(Update update) {
        Phase phase = phase(update);
        return phase != null
                && phase.isFinal()
                && !update.getMetadata().getFinalizers().contains(Updates.FINALIZER);
    }

    /** Whether it has held the lock and come to a good end. */
    private static boolean resolves(Update update) {
        return phase(update) == Phase.Succeeded
                && update.getSpec() != null
                && update.getSpec().operation() != Operation.Preview;
    }

    private static Phase phase(Update update) {
        return update.getStatus() == null ? null : update.getStatus().phase();
    }
}
