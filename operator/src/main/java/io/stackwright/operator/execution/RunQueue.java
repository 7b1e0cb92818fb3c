package io.stackwright.operator.execution;

import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.source.StackKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Runs that wait, in the order in which they start: by rank ({@link RunRank}). Within a rank namespaces take turns, so that
 * one that has thousands waiting holds up nobody else's; within a namespace it is first come, first served. A Stack has one
 * run at a time. Whoever has the queue guards it against concurrent use.
 *
 * @param <T> what the executor knows of a run
 */
public final class RunQueue<T> {

    /** By rank and namespace; the first namespace of a rank is next. Empty is a place that is held. */
    private final SortedMap<Integer, Map<String, Map<Place, Optional<Waiting<T>>>>> waiting = new TreeMap<>();

    private record Place(StackKey stack, String uid) {

        private static Place of(RunKey run) {
            return new Place(run.stack(), run.stackUid());
        }
    }

    private record Waiting<T>(RunRequest request, T run) {}

    /**
     * Puts a run behind those of its rank and namespace, or in the place that its Stack has there.
     *
     * @return what was waiting of the same Stack: runs of Updates that are not ours any more, or there would be no other
     */
    public List<T> add(RunRequest request, T run) {
        Place place = Place.of(request.run());
        int rank = RunRank.of(request);
        List<T> former = new ArrayList<>();
        waiting.forEach((other, namespaces) -> {
            if (other != rank) {
                namespaces.values().forEach(places -> former.addAll(run(places.remove(place))));
                namespaces.values().removeIf(Map::isEmpty);
            }
        });
        Optional<Waiting<T>> before = waiting.computeIfAbsent(rank, any -> new LinkedHashMap<>())
                .computeIfAbsent(place.stack().namespace(), namespace -> new LinkedHashMap<>())
                .put(place, Optional.of(new Waiting<>(request, run)));
        former.addAll(run(before));
        return former;
    }

    private static <T> List<T> run(Optional<Waiting<T>> there) {
        return there == null ? List.of() : there.map(Waiting::run).stream().toList();
    }

    /** Takes out the first that may start now; the others keep their places. */
    public Optional<T> poll(Predicate<RunRequest> mayStart) {
        for (Map<String, Map<Place, Optional<Waiting<T>>>> rank : waiting.values()) {
            for (String namespace : List.copyOf(rank.keySet())) {
                Map<Place, Optional<Waiting<T>>> places = rank.get(namespace);
                Optional<T> first = first(places.values(), mayStart);
                if (first.isPresent() || places.isEmpty()) {
                    letOthersGoFirst(rank, namespace);
                }
                if (first.isPresent()) {
                    return first;
                }
            }
        }
        return Optional.empty();
    }

    /** Who is not back when it is its turn has lost its place. */
    private static <T> Optional<T> first(Collection<Optional<Waiting<T>>> places, Predicate<RunRequest> mayStart) {
        Iterator<Optional<Waiting<T>>> candidates = places.iterator();
        while (candidates.hasNext()) {
            Optional<Waiting<T>> candidate = candidates.next();
            boolean starts = candidate.filter(run -> mayStart.test(run.request)).isPresent();
            if (starts || candidate.isEmpty()) {
                candidates.remove();
            }
            if (starts) {
                return candidate.map(Waiting::run);
            }
        }
        return Optional.empty();
    }

    private static <T> void letOthersGoFirst(Map<String, Map<Place, T>> rank, String namespace) {
        Map<Place, T> places = rank.remove(namespace);
        if (!places.isEmpty()) {
            rank.put(namespace, places);
        }
    }

    /** Takes a run out; false when it is not in. */
    public boolean remove(T run) {
        boolean removed = places().map(places -> places.values().removeIf(there -> isOf(run, there)))
                .reduce(false, Boolean::logicalOr);
        waiting.values().forEach(namespaces -> namespaces.values().removeIf(Map::isEmpty));
        return removed;
    }

    /** Takes a run out, and holds its place for another one of its Stack, to come at once; false when it is not in. */
    public boolean hold(T run) {
        boolean isIn = places().flatMap(places -> places.values().stream()).anyMatch(there -> isOf(run, there));
        places().forEach(places -> places.replaceAll((place, there) -> there.filter(one -> one.run != run)));
        return isIn;
    }

    private static <T> boolean isOf(T run, Optional<Waiting<T>> there) {
        return there.filter(one -> one.run == run).isPresent();
    }

    public int size() {
        return (int) places().flatMap(places -> places.values().stream())
                .filter(Optional::isPresent)
                .count();
    }

    public void clear() {
        waiting.clear();
    }

    private Stream<Map<Place, Optional<Waiting<T>>>> places() {
        return waiting.values().stream().map(Map::values).flatMap(Collection::stream);
    }
}
