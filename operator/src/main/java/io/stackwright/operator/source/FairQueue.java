package io.stackwright.operator.source;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;

/** Those who wait for one thing. Namespaces take turns, so that one that has thousands waiting holds up nobody else's. */
final class FairQueue {

    /** The first namespace is next. */
    private final Map<String, Queue<Object>> waiting = new LinkedHashMap<>();

    private final Map<Object, String> namespaces = new HashMap<>();

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /**
     * Has somebody wait. Who waits already keeps the place, unless another of the namespaces has a better one.
     *
     * @param of on whose behalf; the one that has the fewest others counts
     */
    void add(Object who, Collection<String> of) {
        String namespace =
                of.stream().min(Comparator.comparingInt(this::length)).orElse("");
        String now = namespaces.get(who);
        if (now != null) {
            if (now.equals(namespace) || placeIn(now, who) <= length(namespace)) {
                return;
            }
            remove(now, who);
        }
        namespaces.put(who, namespace);
        waiting.computeIfAbsent(namespace, key -> new ArrayDeque<>()).add(who);
    }

    /** Takes out who is next. */
    Object next() {
        String namespace = waiting.keySet().iterator().next();
        Queue<Object> queue = waiting.remove(namespace);
        Object who = queue.remove();
        namespaces.remove(who);
        if (!queue.isEmpty()) {
            waiting.put(namespace, queue);
        }
        return who;
    }

    /** How many are before somebody who waits. */
    int before(Object who) {
        String own = namespaces.get(who);
        int place = placeIn(own, who);
        int before = place;
        boolean later = false;
        for (Map.Entry<String, Queue<Object>> other : waiting.entrySet()) {
            if (other.getKey().equals(own)) {
                later = true;
            } else {
                before += Math.min(other.getValue().size(), later ? place : place + 1);
            }
        }
        return before;
    }

    private int length(String namespace) {
        Queue<Object> queue = waiting.get(namespace);
        return queue == null ? 0 : queue.size();
    }

    private int placeIn(String namespace, Object who) {
        int place = 0;
        for (Object other : waiting.get(namespace)) {
            if (other.equals(who)) {
                return place;
            }
            place++;
        }
        return place;
    }

    private void remove(String namespace, Object who) {
        Queue<Object> queue = waiting.get(namespace);
        queue.remove(who);
        if (queue.isEmpty()) {
            waiting.remove(namespace);
        }
    }
}
