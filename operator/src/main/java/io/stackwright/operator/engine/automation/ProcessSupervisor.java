package io.stackwright.operator.engine.automation;

import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.FailureClassifier.Stop;
import io.stackwright.operator.engine.automation.CliRunner.Bounds;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for a CLI process, and stops it when it is asked to or takes too long.
 *
 * <p>A stop is one SIGTERM to the CLI alone: it then finishes the running resource operations, records them and
 * releases its lock. A second one would make it give up on them. Only after the grace the CLI and everything it started
 * is killed.
 */
final class ProcessSupervisor {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessSupervisor.class);

    private static final int KILL_ROUNDS = 20;

    private static final Duration KILL_PAUSE = Duration.ofMillis(100);

    private enum Wake {
        EXITED(null),
        CANCELLED(Stop.CANCELLED),
        FLOODED(Stop.TOO_MUCH_OUTPUT);

        private final Stop stop;

        Wake(Stop stop) {
            this.stop = stop;
        }
    }

    /**
     * How a process ended.
     *
     * @param exitCode 128 + signal when a signal ended it
     * @param stop why it was asked to stop; empty when it ended by itself
     * @param killed whether it did not stop within the grace
     */
    record Ending(int exitCode, Optional<Stop> stop, boolean killed) {}

    private final ProcessSessions sessions;

    ProcessSupervisor(ProcessSessions sessions) {
        this.sessions = sessions;
    }

    /**
     * Waits for the end. An interrupt of the calling thread counts as a request to stop, and stays set.
     *
     * @param asking told the pid before a SIGTERM is sent
     */
    Ending await(Process process, Bounds bounds, LongConsumer asking) {
        return await(process, bounds, asking, new CompletableFuture<>());
    }

    /** @param flooded completed when the process has written more than there is room for, which stops it too */
    Ending await(Process process, Bounds bounds, LongConsumer asking, CompletableFuture<?> flooded) {
        CancelToken cancel = bounds.cancel();
        CompletableFuture<Wake> wake = new CompletableFuture<>();
        process.onExit().thenRun(() -> wake.complete(Wake.EXITED));
        cancel.onCancel(() -> wake.complete(Wake.CANCELLED));
        flooded.thenRun(() -> wake.complete(Wake.FLOODED));

        boolean interrupted = false;
        Optional<Stop> stop;
        try {
            stop = Optional.ofNullable(wake.get(millis(bounds.timeout()), TimeUnit.MILLISECONDS).stop);
        } catch (TimeoutException e) {
            stop = Optional.of(Stop.TIMED_OUT);
        } catch (InterruptedException e) {
            interrupted = true;
            stop = Optional.of(Stop.CANCELLED);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        boolean killed = false;
        if (stop.isPresent() && process.isAlive()) {
            asking.accept(process.pid());
            // Not Process.destroy(): that closes the pipes, and the CLI would die of SIGPIPE instead of cleaning up.
            process.toHandle().destroy();
            if (!exitsWithin(process, bounds.grace())) {
                killed = true;
                killAll(process);
            }
        }
        int exitCode = exitCode(process);
        if (exitCode != 0) {
            // It may have crashed, and what it started would race with the next run.
            killSession(process);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return new Ending(exitCode, stop, killed);
    }

    private void killAll(Process process) {
        // Listed first: once the CLI is dead, what it started has another parent.
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        members(process).ifPresent(all::addAll);
        process.toHandle().destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
    }

    /** Until nothing is left: a process that is killed may have started another one just before. */
    private void killSession(Process process) {
        for (int round = 0; round < KILL_ROUNDS; round++) {
            Optional<List<ProcessHandle>> found = members(process);
            if (found.isEmpty()) {
                LockSupport.parkNanos(KILL_PAUSE.toNanos());
                continue;
            }
            List<ProcessHandle> left = found.get();
            if (left.isEmpty()) {
                return;
            }
            left.forEach(ProcessHandle::destroyForcibly);
            left.forEach(handle -> handle.onExit()
                    .completeOnTimeout(handle, KILL_PAUSE.toMillis(), TimeUnit.MILLISECONDS)
                    .join());
        }
    }

    /** Of the session; empty when they cannot be looked at now. */
    private Optional<List<ProcessHandle>> members(Process process) {
        try {
            return Optional.of(sessions.members(process));
        } catch (UncheckedIOException e) {
            LOG.atWarn().setCause(e).addKeyValue("pid", process.pid()).log("what a CLI started cannot be looked at");
            return Optional.empty();
        }
    }

    private static boolean exitsWithin(Process process, Duration grace) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis(grace));
        try {
            while (true) {
                try {
                    return process.waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static int exitCode(Process process) {
        return process.onExit().join().exitValue();
    }

    /** Milliseconds, at most a hundred years, so that no arithmetic overflows. */
    private static long millis(Duration duration) {
        Duration longest = Duration.ofDays(36_500);
        return (duration.compareTo(longest) > 0 ? longest : duration).toMillis();
    }
}
