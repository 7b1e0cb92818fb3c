package io.stackwright.operator.source;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Bounds one network operation in total: when time is up everything it opened is closed, which is the one thing that
 * also ends a read from a server that sends a byte a second. Closing the deadline closes what is still open.
 */
final class Deadline implements AutoCloseable {

    private final long end;
    private final Duration limit;
    private final Future<?> alarm;
    private final List<Closeable> open = new ArrayList<>();
    private boolean closed;
    private volatile boolean expired;

    Deadline(Duration limit, ScheduledExecutorService timer) {
        this.limit = limit;
        this.end = System.nanoTime() + limit.toNanos();
        this.alarm = timer.schedule(this::expire, limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Hands a connection over; it is closed at once when time is already up. */
    void guard(Closeable connection) {
        synchronized (this) {
            if (!closed) {
                open.add(connection);
                return;
            }
        }
        closeQuietly(connection);
    }

    boolean expired() {
        return expired;
    }

    Duration limit() {
        return limit;
    }

    /** At least one millisecond: zero means "no timeout" to sockets. */
    int remainingMillis() {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        return (int) Math.clamp(left, 1, Integer.MAX_VALUE);
    }

    private void expire() {
        expired = true;
        // Closing may wait for a peer; the timer serves others too.
        Thread.ofVirtual().name("source-deadline").start(this::closeAll);
    }

    @Override
    public void close() {
        alarm.cancel(false);
        closeAll();
    }

    private void closeAll() {
        List<Closeable> connections;
        synchronized (this) {
            closed = true;
            connections = List.copyOf(open);
            open.clear();
        }
        connections.forEach(Deadline::closeQuietly);
    }

    private static void closeQuietly(Closeable connection) {
        try {
            connection.close();
        } catch (IOException | RuntimeException e) {
            // It is given up either way.
        }
    }
}
