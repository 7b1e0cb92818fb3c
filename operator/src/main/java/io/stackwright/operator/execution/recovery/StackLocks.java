package io.stackwright.operator.execution.recovery;

import io.stackwright.api.v1alpha1.Annotations;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.execution.RunRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks that dead runs have left, and those of others.
 *
 * <p>A lock is released when its holder is one of this operator's own recorded processes that is proven dead, or when a
 * person names it. Every other one is reported and left alone, however old it is.
 */
final class StackLocks {

    private static final Logger LOG = LoggerFactory.getLogger(StackLocks.class);

    private final EvidenceStore evidence;
    private final LinuxProcesses processes;
    private final DeadHolders dead;

    StackLocks(EvidenceStore evidence, LinuxProcesses processes, DeadHolders dead) {
        this.evidence = evidence;
        this.processes = processes;
        this.dead = dead;
    }

    /**
     * Before a run on a backend of files: removes, one by one, what may be removed.
     *
     * @throws EngineException {@code Locked} when a lock is left, or a file that may be one
     */
    void clear(BackendFiles files, RunRequest request, Consumer<String> notes) {
        List<String> left = new ArrayList<>();
        for (Path file : files.locks(request.identity())) {
            String id = file.getFileName().toString().replaceFirst("\\.json$", "");
            Optional<String> text = read(file);
            if (text.isEmpty()) {
                continue; // Its holder has just released it.
            }
            Optional<StackLock> lock = StackLock.parse(id, text.get());
            Optional<String> why = mayBeReleased(lock, id, request);
            if (why.isPresent()) {
                remove(file);
                notes.accept("released the lock " + id
                        + lock.map(holder -> " of " + holder.holder()).orElse("") + ": " + why.get());
            } else {
                left.add(lock.map(holder -> described(holder, request))
                        .orElseGet(
                                () -> "the lock file " + file + " cannot be read: it is being written, or was torn by"
                                        + " a crash. " + remedy(id, request)));
            }
        }
        if (!left.isEmpty()) {
            throw new EngineException(locked(left));
        }
    }

    /**
     * After a command that met locks: whether all of them may go. {@code pulumi cancel} knows no other way than to
     * remove all locks of a stack.
     */
    boolean mayAllBeReleased(Failure failure, RunRequest request, Consumer<String> notes) {
        Optional<List<StackLock>> told = StackLock.parseMessage(failure.message());
        if (told.isEmpty() || told.get().isEmpty()) {
            return false;
        }
        List<StackLock> locks = told.get();
        List<String> reasons = new ArrayList<>();
        for (StackLock lock : locks) {
            boolean named =
                    request.leftovers().unlock().filter(lock.id()::equals).isPresent() && !isSeenAlive(lock);
            Optional<String> why = deadRun(lock, request);
            if (why.isEmpty() && !(named && locks.size() == 1)) {
                return false;
            }
            reasons.add("released the lock " + lock.id() + " of " + lock.holder() + ": "
                    + why.orElse("named by " + Annotations.UNLOCK));
        }
        reasons.forEach(notes);
        return true;
    }

    /** The same failure with holders and remedy instead of the CLI's advice, which is to remove all locks. */
    Failure explained(Failure failure, RunRequest request) {
        if (failure.kind() != Failure.Kind.LOCKED) {
            return failure;
        }
        return StackLock.parseMessage(failure.message())
                .filter(locks -> !locks.isEmpty())
                .map(locks -> locked(
                        locks.stream().map(lock -> described(lock, request)).toList()))
                .orElse(failure);
    }

    private Optional<String> mayBeReleased(Optional<StackLock> lock, String id, RunRequest request) {
        boolean named = request.leftovers().unlock().filter(id::equals).isPresent();
        if (named && lock.filter(this::isSeenAlive).isEmpty()) {
            return Optional.of("named by " + Annotations.UNLOCK);
        }
        return lock.flatMap(holder -> deadRun(holder, request));
    }

    /** Says which dead run of ours held the lock; empty when it was none of ours, or not proven dead. */
    private Optional<String> deadRun(StackLock lock, RunRequest request) {
        for (RunEvidence run : evidence.of(request.identityKey())) {
            if (run.made(lock) && isDead(run, lock)) {
                return Optional.of("its run " + run.run().update() + " is dead");
            }
        }
        return dead.heldBy(lock.host(), lock.since()).map(update -> "its run " + update + " is dead");
    }

    private boolean isDead(RunEvidence run, StackLock lock) {
        try {
            boolean lives = run.living(processes).stream()
                    .anyMatch(living -> living.recorded().pid() == lock.pid());
            return !lives && !isOfLaterProcess(lock);
        } catch (UncheckedIOException e) {
            LOG.atWarn().setCause(e).addKeyValue("lock", lock.id()).log("the holder of a lock cannot be looked at");
            return false;
        }
    }

    /**
     * The pid may have been given to another process since, which then took the lock; also in a container that has
     * started anew and kept its name.
     */
    private boolean isOfLaterProcess(StackLock lock) {
        if (processes.find(lock.pid()).isEmpty()) {
            return false;
        }
        // Of one that lives, and of which it cannot be told when it started, nothing is proven.
        return ProcessHandle.of(lock.pid())
                .flatMap(process -> process.info().startInstant())
                .map(start -> !lock.since().isBefore(start.minus(StackLock.CLOCK_TOLERANCE)))
                .orElse(true);
    }

    /** Whether its holder lives on this host: no word makes a process go away that can be seen. */
    private boolean isSeenAlive(StackLock lock) {
        try {
            return lock.host().equals(processes.hostName()) && isOfLaterProcess(lock);
        } catch (UncheckedIOException e) {
            return true; // It cannot be looked at now, which is tried again.
        }
    }

    private static Failure locked(List<String> holders) {
        return new Failure(Failure.Kind.LOCKED, Reason.Locked, String.join("\n", holders));
    }

    private String described(StackLock lock, RunRequest request) {
        if (isSeenAlive(lock)) {
            return "locked by " + lock.holder()
                    + ". It is waited for: that process is alive on the operator's host, and " + Annotations.UNLOCK
                    + " (id "
                    + lock.id() + ") counts only once it is not.";
        }
        return "locked by " + lock.holder() + ". " + remedy(lock.id(), request);
    }

    private static String remedy(String id, RunRequest request) {
        return "It is waited for. Only if you know that its holder is dead: kubectl annotate stack -n "
                + request.run().stack().namespace() + " "
                + request.run().stack().name() + " --overwrite " + Annotations.UNLOCK
                + "=" + id;
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("");
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + ".attrs"));
            LOG.atInfo().addKeyValue("lock", file.getFileName()).log("released a lock");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
