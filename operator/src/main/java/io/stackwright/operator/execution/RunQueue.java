package io.stackwright.operator.execution;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Runs that wait, in the order in which they start: by rank ({@link RunRank}). Within a rank namespaces take turns, so that
 * one that has thousands waiting holds up nobody else's; within a namespace it is first come, first served. Whoever has it
 * guards it against concurrent use.
 *
 * @param <T> what the executor knows of a run
 */
public final class RunQueue<T> {

    /** By rank and namespace; the first namespace of a rank is next. */
    private final SortedMap<Integer, Map<String, Queue<Waiting<T>>>> waiting = new TreeMap<>();

    private record Waiting<T>(RunRequest request, T run) {}

    /** Puts a run behind those of its rank and namespace. */
    public void add(RunRequest request, T run) {
        waiting.computeIfAbsent(RunRank.of(request), rank -> new LinkedHashMap<>())
                .computeIfAbsent(request.run().stack().namespace(), namespace -> new ArrayDeque<>())
                .add(new Waiting<>(request, run));
    }

    /** Takes out the first that may start now; the others keep their places. */
    public Optional<T> poll(Predicate<RunRequest> mayStart) {
        for (Map<String, Queue<Waiting<T>>> rank : waiting.values()) {
            for (String namespace : rank.keySet()) {
                Optional<T> first = first(rank.get(namespace), mayStart);
                if (first.isPresent()) {
                    letOthersGoFirst(rank, namespace);
                    return first;
                }
            }
        }
        return Optional.empty();
    }

    private static <T> Optional<T> first(Queue<Waiting<T>> queue, Predicate<RunRequest> mayStart) {
        Iterator<Waiting<T>> candidates = queue.iterator();
        while (candidates.hasNext()) {
            Waiting<T> candidate = candidates.next();
            if (mayStart.test(candidate.request)) {
                candidates.remove();
                return Optional.of(candidate.run);
            }
        }
        return Optional.empty();
    }

    private static <T> void letOthersGoFirst(Map<String, Queue<Waiting<T>>> rank, String namespace) {
        Queue<Waiting<T>> queue = rank.remove(namespace);
        if (!queue.isEmpty()) {
            rank.put(namespace, queue);
        }
    }

    /** Takes a run out; false when it is not in. */
    public boolean remove(T run) {
        boolean removed = false;
        for (Map<String, Queue<Waiting<T>>> rank : waiting.values()) {
            for (Queue<Waiting<T>> queue : rank.values()) {
                removed |= queue.removeIf(entry -> entry.run == run);
            }
            rank.values().removeIf(Queue::isEmpty);
        }
        return removed;
    }

    public int size() {
        return waiting.values().stream()
                .map(Map::values)
                .flatMap(Collection::stream)
                .mapToInt(Queue::size)
                .sum();
    }

    public void clear() {
        waiting.clear();
    }
}
