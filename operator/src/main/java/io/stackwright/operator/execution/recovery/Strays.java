package io.stackwright.operator.execution.recovery;

import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.engine.processes.ProcessRecord;
import io.stackwright.operator.execution.recovery.RunEvidence.Living;
import io.stackwright.operator.source.StackKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes that runs of dead operators have left, and their end.
 *
 * <p>A living command gets one SIGTERM in its life, so that it finishes the resource operations that it is in the middle
 * of, records them and releases its lock; only after the Stack's grace its session is killed. Where the command is dead
 * and only what it started lives on, there is nobody left to record what that does: it is killed at once. Nothing but a
 * command is ever sent a SIGTERM.
 */
public final class Strays {

    private static final Logger LOG = LoggerFactory.getLogger(Strays.class);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final EvidenceStore evidence;
    private final LinuxProcesses processes;
    private final Consumer<StackKey> waker;
    private final Consumer<String> ended;
    private final Clock clock;
    private final Map<String, String> ending = new ConcurrentHashMap<>();

    /**
     * Creates it; nothing is looked at yet.
     *
     * @param waker has a Stack looked at, from any thread
     * @param ended told the uid of an Update when no command of its run, nor what it started in its session, lives any
     *     more; the Stack waits until it returns
     */
    public Strays(
            EvidenceStore evidence,
            LinuxProcesses processes,
            Consumer<StackKey> waker,
            Consumer<String> ended,
            Clock clock) {
        this.evidence = evidence;
        this.processes = processes;
        this.waker = waker;
        this.ended = ended;
        this.clock = clock;
    }

    /**
     * At the start of an operator, which holds its data directory: all runs that were going on in it are nobody's now.
     * No process of theirs can begin any more; those that live are brought to their end, in the background.
     *
     * @return uids of the Updates that something lives of; others are waited for too, where there is no room to close them
     */
    public Set<String> takeOver() {
        Set<String> living = new HashSet<>();
        evidence.deleteUnbegun();
        evidence.open().forEach(this::close);
        Optional<List<LinuxProcesses.Seen>> all = look();
        // The one before us may have been killed while it waited for the strays of the one before itself.
        for (RunEvidence run : evidence.closed()) {
            if (mayLive(run, all)) {
                living.add(run.run().updateUid());
                end(run);
            } else {
                evidence.ended(run);
            }
        }
        for (RunEvidence run : evidence.open()) {
            if (mayLive(run, all)) {
                living.add(run.run().updateUid());
            }
            end(run);
        }
        return living;
    }

    /** What cannot be closed, for want of room, stays open: its run is waited for, and it is closed when it has ended. */
    private void close(RunEvidence run) {
        try {
            evidence.close(run);
        } catch (UncheckedIOException e) {
            LOG.atWarn().setCause(e).addKeyValue("update", run.run().update()).log("evidence of a run stays open");
        }
    }

    /** All processes, looked at once for all runs; empty when they cannot be looked at now. */
    private Optional<List<LinuxProcesses.Seen>> look() {
        try {
            return Optional.of(processes.all());
        } catch (UncheckedIOException e) {
            LOG.atWarn().setCause(e).log("processes cannot be looked at; runs are looked at one by one");
            return Optional.empty();
        }
    }

    /** What cannot be looked at is waited for, and looked at again in the background. */
    private boolean mayLive(RunEvidence run, Optional<List<LinuxProcesses.Seen>> all) {
        try {
            return !(all.isPresent() ? run.living(processes, all.get()) : run.living(processes)).isEmpty();
        } catch (UncheckedIOException e) {
            return true;
        }
    }

    /** What of the run with this uid is waited for; empty when nothing of it lives. */
    public Optional<String> waitingFor(String updateUid) {
        return Optional.ofNullable(ending.get(updateUid));
    }

    /**
     * What can be seen on this host of a run whose evidence another, dead operator's data directory holds. It is only
     * waited for: whoever holds that directory next ends it.
     */
    public Optional<String> abandoned(String updateUid) {
        try {
            return processes.all().stream()
                    .map(LinuxProcesses.Seen::pid)
                    .filter(pid -> processes.environment(pid).contains(updateUid))
                    .findFirst()
                    .map(pid -> "process " + pid + " that it has left on this host still works; it is waited for");
        } catch (UncheckedIOException e) {
            return Optional.of("what it has left on this host cannot be looked at, which is tried again: "
                    + e.getCause().getMessage());
        }
    }

    private void end(RunEvidence run) {
        String uid = run.run().updateUid();
        ending.put(uid, "processes that it left are being looked at");
        Thread.ofVirtual().name("stray-" + run.run().update()).start(() -> {
            insist(run, () -> askThenKill(run));
            // First: what it has filled the disk with would leave no room for the rest.
            ended.accept(uid);
            RunEvidence closed = insist(run, () -> evidence.close(run));
            // Until it was closed another of its processes could begin, although it had nothing to work in.
            insist(closed, () -> askThenKill(closed));
            evidence.ended(closed);
            LOG.atInfo().addKeyValue("update", run.run().update()).log("nothing is left of an interrupted run");
            ending.remove(uid);
            waker.accept(run.run().stack());
        });
    }

    /** What cannot be done, for want of file descriptors or of room for example, is tried again. */
    private <T> T insist(RunEvidence run, Supplier<T> step) {
        while (true) {
            try {
                return step.get();
            } catch (RuntimeException e) {
                LOG.atError()
                        .setCause(e)
                        .addKeyValue("update", run.run().update())
                        .log("strays were not ended; that is tried again");
                say(run, "what it left cannot be ended, which is tried again: " + e.getMessage());
            }
            LockSupport.parkNanos(RETRY.toNanos());
        }
    }

    /** Returns the same, when nothing of it lives any more. */
    private RunEvidence askThenKill(RunEvidence run) {
        for (List<Living> living = run.living(processes); !living.isEmpty(); living = run.living(processes)) {
            Instant now = clock.instant();
            for (Living command : living) {
                Instant deadline = command.askedAt(now).plus(run.run().grace());
                if (!command.leads() || !now.isBefore(deadline)) {
                    say(run, "what process " + command.recorded().pid() + " of it left is being killed");
                    command.members().forEach(this::kill);
                } else if (command.recorded().asked().isPresent() || ask(run, command, now)) {
                    say(
                            run,
                            "its process " + command.recorded().pid() + " still works; it was asked to stop at "
                                    + second(command.askedAt(now)) + " and is killed at " + second(deadline));
                } else {
                    say(
                            run,
                            "its process " + command.recorded().pid()
                                    + " still works and cannot be asked to stop, which is tried again");
                }
            }
            awaitAny(living);
        }
        return run;
    }

    private void say(RunEvidence run, String what) {
        if (!what.equals(ending.put(run.run().updateUid(), what))) {
            LOG.atInfo()
                    .addKeyValue("update", run.run().update())
                    .addKeyValue("waitsFor", what)
                    .log("an interrupted run has processes");
            waker.accept(run.run().stack());
        }
    }

    /** Whether it was sent its one request to stop. */
    private boolean ask(RunEvidence run, Living command, Instant now) {
        // Looked for before the request is noted: one that is noted and not sent is never made up for.
        Optional<ProcessHandle> process = handle(command);
        if (process.isEmpty()) {
            return false;
        }
        try {
            new ProcessRecord(run.processes()).ask(command.recorded().pid(), now);
        } catch (IOException e) {
            // Not sent: nobody would know that it was. It may end by itself, and is looked at again.
            LOG.atWarn().setCause(e).addKeyValue("update", run.run().update()).log("a stray cannot be asked to stop");
            return false;
        }
        process.get().destroy();
        return true;
    }

    /** Of exactly the recorded process: a handle knows when its process started. */
    private Optional<ProcessHandle> handle(Living command) {
        long pid = command.recorded().pid();
        Optional<ProcessHandle> handle = ProcessHandle.of(pid);
        return handle.filter(present -> processes
                .find(pid)
                .filter(process -> process.startTicks() == command.recorded().startTicks())
                .isPresent());
    }

    private void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    private static void awaitAny(List<Living> living) {
        living.stream()
                .flatMap(command -> command.members().stream())
                .findFirst()
                .flatMap(ProcessHandle::of)
                .ifPresent(process -> process.onExit()
                        .completeOnTimeout(process, LOOK.toMillis(), TimeUnit.MILLISECONDS)
                        .join());
    }

    private static String second(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
