package io.stackwright.operator.execution.job;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * Lets few tasks of a namespace be under way at once, first come, first served: those that hang, in what that namespace has
 * in the way of admission, leave threads to all others. Handing a task over never waits.
 */
final class NamespaceSlots {

    private final Executor threads;
    private final int atOnce;
    private final Map<String, Tasks> namespaces = new HashMap<>();

    /** Those of one namespace. */
    private static final class Tasks {

        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private int underWay;
    }

    /** @param atOnce tasks of one namespace; the others wait without a thread */
    NamespaceSlots(Executor threads, int atOnce) {
        this.threads = threads;
        this.atOnce = atOnce;
    }

    synchronized void execute(String namespace, Runnable task) {
        Tasks tasks = namespaces.computeIfAbsent(namespace, name -> new Tasks());
        tasks.waiting.add(task);
        begin(namespace, tasks);
    }

    private void begin(String namespace, Tasks tasks) {
        while (tasks.underWay < atOnce && !tasks.waiting.isEmpty()) {
            Runnable task = tasks.waiting.remove();
            tasks.underWay++;
            threads.execute(() -> {
                try {
                    task.run();
                } finally {
                    ended(namespace, tasks);
                }
            });
        }
    }

    private synchronized void ended(String namespace, Tasks tasks) {
        tasks.underWay--;
        begin(namespace, tasks);
        if (tasks.underWay == 0) {
            namespaces.remove(namespace);
        }
    }
}
