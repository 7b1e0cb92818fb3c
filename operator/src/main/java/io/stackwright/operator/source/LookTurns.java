package io.stackwright.operator.source;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Whose look is next. A look may take minutes when a server is slow: each namespace has some at once only, and those that
 * wait take turns, so that one tenant's servers hold up nobody else's.
 */
final class LookTurns {

    /** How many looks run at once. */
    static final int AT_ONCE = 16;

    /** How many of them for one namespace. */
    static final int OF_ONE = 4;

    private final Executor executor;
    private final Map<String, Queue<Runnable>> waiting = new LinkedHashMap<>();
    private final Map<String, Integer> running = new HashMap<>();

    /** @param executor has a thread for each of {@link #AT_ONCE} */
    LookTurns(Executor executor) {
        this.executor = executor;
    }

    /**
     * Has a look run when it is its turn.
     *
     * @param namespaces on whose behalf; the one that has the fewest others counts
     */
    void submit(Set<String> namespaces, Runnable look) {
        synchronized (this) {
            String namespace =
                    namespaces.stream().min(Comparator.comparingInt(this::load)).orElse("");
            waiting.computeIfAbsent(namespace, key -> new ArrayDeque<>()).add(look);
        }
        next();
    }

    private int load(String namespace) {
        Queue<Runnable> queue = waiting.get(namespace);
        return running.getOrDefault(namespace, 0) + (queue == null ? 0 : queue.size());
    }

    private void next() {
        for (Turn turn = take(); turn != null; turn = take()) {
            Turn taken = turn;
            executor.execute(() -> run(taken));
        }
    }

    private void run(Turn turn) {
        try {
            turn.look().run();
        } finally {
            synchronized (this) {
                running.computeIfPresent(turn.namespace(), (key, count) -> count > 1 ? count - 1 : null);
            }
            next();
        }
    }

    /** The one who has waited the longest of those who may have another one; it waits behind the others afterwards. */
    private synchronized Turn take() {
        if (running.values().stream().mapToInt(Integer::intValue).sum() >= AT_ONCE) {
            return null;
        }
        for (Map.Entry<String, Queue<Runnable>> entry : waiting.entrySet()) {
            String namespace = entry.getKey();
            if (running.getOrDefault(namespace, 0) < OF_ONE) {
                Queue<Runnable> queue = waiting.remove(namespace);
                Turn turn = new Turn(namespace, queue.remove());
                if (!queue.isEmpty()) {
                    waiting.put(namespace, queue);
                }
                running.merge(namespace, 1, Integer::sum);
                return turn;
            }
        }
        return null;
    }

    private record Turn(String namespace, Runnable look) {}
}
