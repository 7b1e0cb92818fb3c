package io.stackwright.operator.execution.recovery;

import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.engine.processes.ProcessRecord;
import io.stackwright.operator.engine.processes.ProcessRecord.Recorded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/**
 * What is on disk of one run: who it was and which processes it had.
 *
 * @param folder where it is kept
 * @param run what was written before the first process
 */
public record RunEvidence(Path folder, RunNote run) {

    static final String PROCESSES = "processes";
    private static final String ENDED = "ended";
    private static final String LEFT_NO_LOCK = "left-no-lock";

    /** The file in which the run's processes write themselves down. */
    public Path processes() {
        return folder.resolve(PROCESSES);
    }

    /**
     * The recorded processes.
     *
     * @throws UncheckedIOException when it cannot be read: nothing is known then
     */
    List<Recorded> recorded() {
        try {
            return new ProcessRecord(processes()).read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What still lives of the run: its commands and all that they started.
     *
     * <p>Only asked by the holder of the data directory that the evidence is in. Pids that were counted elsewhere, in an
     * earlier boot or container, went with it.
     */
    List<Living> living(LinuxProcesses processes) {
        return living(processes, processes.all());
    }

    /** The same, where all processes have just been looked at. */
    List<Living> living(LinuxProcesses processes, List<LinuxProcesses.Seen> all) {
        if (!processes.scope().equals(run.scope())) {
            return List.of();
        }
        return recorded().stream()
                .map(process -> living(processes, all, process))
                .filter(living -> !living.members().isEmpty())
                .toList();
    }

    private Living living(LinuxProcesses processes, List<LinuxProcesses.Seen> all, Recorded process) {
        Optional<LinuxProcesses.Seen> same =
                all.stream().filter(seen -> seen.pid() == process.pid()).findFirst();
        boolean leads =
                same.filter(found -> found.startTicks() == process.startTicks()).isPresent();
        boolean reused = same.isPresent() && !leads;
        // The kernel gives a pid to nobody while a session of that name has members.
        List<Long> members = reused
                ? List.of()
                : all.stream()
                        .filter(member -> member.session() == process.pid())
                        .filter(member -> member.startTicks() >= process.startTicks())
                        .map(LinuxProcesses.Seen::pid)
                        .filter(pid -> leads || isOfThisRun(processes.environment(pid)))
                        .toList();
        return new Living(process, leads, members);
    }

    /**
     * A session that has lost its leader could be another one by now, whose leader had the same pid and is dead as well.
     * What our CLI starts has its environment, unless it has wiped that.
     */
    private boolean isOfThisRun(String environment) {
        return environment.isBlank() || environment.contains(run.updateUid());
    }

    /**
     * Writes down when it was known that none of the run's commands lives, once.
     *
     * @throws IOException when there is no room for it
     */
    void end(Instant now) throws IOException {
        Path file = folder.resolve(ENDED);
        if (!Files.exists(file)) {
            Files.writeString(file, now.toString());
        }
    }

    /** Writes down that the run gave up its own lock. */
    void leftNoLock() throws IOException {
        Files.writeString(folder.resolve(LEFT_NO_LOCK), "");
    }

    /** Whether it can still prove a lock to be the run's. */
    boolean mayProve() {
        return Files.exists(processes()) && !Files.exists(folder.resolve(LEFT_NO_LOCK));
    }

    /** When it was known that none of its commands lives; empty when that is not known, or could not be kept. */
    private Optional<Instant> ended() {
        try {
            return Optional.of(Instant.parse(Files.readString(folder.resolve(ENDED))));
        } catch (NoSuchFileException | DateTimeParseException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Whether a lock that this process made, on this host at that time, can only be this run's. Host names are shared and
     * pids come again: a lock from after its end is somebody else's.
     */
    boolean made(StackLock lock) {
        return run.hostName().equals(lock.host())
                && !lock.since().isBefore(run.from().minus(StackLock.CLOCK_TOLERANCE))
                && ended().filter(end -> lock.since().isAfter(end.plus(StackLock.CLOCK_TOLERANCE)))
                        .isEmpty()
                && recorded().stream().anyMatch(process -> process.pid() == lock.pid());
    }

    /**
     * One of the run's commands, with what lives of its session.
     *
     * @param leads whether the command itself is alive
     * @param members pids of all that live, its own too
     */
    record Living(Recorded recorded, boolean leads, List<Long> members) {

        /** From when on patience with it counts. */
        Instant askedAt(Instant now) {
            return recorded.asked().orElse(now);
        }
    }
}
