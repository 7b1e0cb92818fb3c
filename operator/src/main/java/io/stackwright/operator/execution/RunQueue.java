package io.stackwright.operator.execution;

import java.util.Comparator;
import java.util.Iterator;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Runs that wait, in the order in which they start: first come, first served within a rank ({@link RunRank}). Whoever has
 * it guards it against concurrent use.
 *
 * @param <T> what the executor knows of a run
 */
public final class RunQueue<T> {

    private final TreeSet<Waiting<T>> waiting =
            new TreeSet<>(Comparator.<Waiting<T>>comparingInt(entry -> RunRank.of(entry.request))
                    .thenComparingLong(Waiting::number));
    private long added;

    private record Waiting<T>(RunRequest request, T run, long number) {}

    /** Puts a run behind those of its rank. */
    public void add(RunRequest request, T run) {
        waiting.add(new Waiting<>(request, run, added++));
    }

    /** Takes out the first that may start now; the others keep their places. */
    public Optional<T> poll(Predicate<RunRequest> mayStart) {
        Iterator<Waiting<T>> candidates = waiting.iterator();
        while (candidates.hasNext()) {
            Waiting<T> candidate = candidates.next();
            if (mayStart.test(candidate.request)) {
                candidates.remove();
                return Optional.of(candidate.run);
            }
        }
        return Optional.empty();
    }

    /** Takes a run out; false when it is not in. */
    public boolean remove(T run) {
        return waiting.removeIf(entry -> entry.run == run);
    }

    public int size() {
        return waiting.size();
    }

    public void clear() {
        waiting.clear();
    }
}
