package io.stackwright.operator.http;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * A thread for each request, so many at once. One more ends the one that has taken the longest: what hangs is older than
 * what is being answered, so that whoever sends many requests without an end takes no more memory than so many do, and
 * holds up no probe.
 */
final class RequestThreads implements Executor, AutoCloseable {

    private final int most;
    private final Queue<Thread> oldestFirst = new ArrayDeque<>();

    RequestThreads(int most) {
        this.most = most;
    }

    @Override
    public synchronized void execute(Runnable request) {
        oldestFirst.removeIf(thread -> !thread.isAlive());
        if (oldestFirst.size() >= most) {
            // Which closes the connection that it reads from or writes to.
            oldestFirst.remove().interrupt();
        }
        oldestFirst.add(Thread.ofVirtual().name("http").start(request));
    }

    /** Ends requests under way, and waits until they have. */
    @Override
    public synchronized void close() {
        oldestFirst.forEach(Thread::interrupt);
        try {
            for (Thread thread : oldestFirst) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
