package io.stackwright.operator.execution.recovery;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.engine.processes.ProcessRecord;
import io.stackwright.operator.execution.RunRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run does about those before it that were cut short, and for those after it in case it is.
 *
 * <p>On a backend of files locks and state are read as files, which costs no process. Elsewhere the CLI is asked.
 */
public final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final PulumiEngine engine;
    private final EvidenceStore evidence;
    private final StackLocks locks;
    private final Function<String, Optional<BackendFiles>> backends;

    public Recovery(PulumiEngine engine, EvidenceStore evidence, LinuxProcesses processes) {
        this(engine, evidence, processes, DeadHolders.NONE);
    }

    /** @param dead earlier runs that died elsewhere */
    public Recovery(PulumiEngine engine, EvidenceStore evidence, LinuxProcesses processes, DeadHolders dead) {
        this(engine, evidence, processes, dead, BackendFiles::of);
    }

    /** @param backends finds the files of a backend, if it has any */
    Recovery(
            PulumiEngine engine,
            EvidenceStore evidence,
            LinuxProcesses processes,
            DeadHolders dead,
            Function<String, Optional<BackendFiles>> backends) {
        this.engine = engine;
        this.evidence = evidence;
        this.locks = new StackLocks(evidence, processes, dead);
        this.backends = backends;
    }

    /** What a run can have left locked. */
    public enum Left {
        /** It held the lock and released it, so there was no other. */
        NOTHING,
        /** It met locks of others, and gave up its own for them. */
        OTHERS_LOCKS,
        /** It ended before it held the lock, or nobody knows whether it released it. */
        UNKNOWN;

        /** What a failure tells. */
        public static Left by(Failure failure) {
            return failure.kind() == Failure.Kind.LOCKED ? OTHERS_LOCKS : UNKNOWN;
        }
    }

    /** Begins the evidence of the run; before its first process. */
    public RunEvidence begin(RunRequest request) {
        return evidence.begin(request);
    }

    /** The file for the run's processes, where records can be kept. */
    public static Optional<Path> record(RunEvidence run) {
        return ProcessRecord.isSupported() ? Optional.of(run.processes()) : Optional.empty();
    }

    /** The run has no process any more. */
    public void end(RunEvidence run, RunRequest request, Left left) {
        boolean unlocked = left == Left.NOTHING && request.operation() != Operation.Preview;
        if (unlocked) {
            evidence.forget(request.identityKey());
        }
        evidence.ended(run, left);
        evidence.close(run);
        if (unlocked && request.operation() == Operation.Destroy) {
            evidence.forget(request.identityKey());
        }
    }

    /**
     * Releases what dead runs have locked, and takes away what keeps the CLI from reading what they have written, where that
     * can be seen without asking the CLI.
     *
     * @param notes told what was done
     * @throws EngineException {@code Locked} by somebody else
     */
    public void clearLocks(RunRequest request, Consumer<String> notes) {
        backends.apply(request.backendUrl()).ifPresent(files -> {
            locks.clear(files, request, notes);
            files.tornAttributes(request.identity()).forEach(file -> remove(file, notes));
        });
    }

    private static void remove(Path attributes, Consumer<String> notes) {
        try {
            Files.deleteIfExists(attributes);
            notes.accept("removed " + attributes.getFileName()
                    + ", the attributes of a file of the state, which a command that was cut short had left"
                    + " incomplete");
        } catch (IOException e) {
            // The CLI says what is wrong with it.
            LOG.atWarn().setCause(e).addKeyValue("file", attributes).log("incomplete attributes were not removed");
        }
    }

    /**
     * The same where nothing is done that a lock of somebody else would be in the way of. A lock of ours would be in the way
     * of a later Stack of the same name, when nothing can prove it ours any more.
     */
    public void clearOwnLocks(RunRequest request, Consumer<String> notes) {
        try {
            clearLocks(request, notes);
        } catch (EngineException e) {
            if (!isLocked(Optional.of(e.failure()))) {
                throw e;
            }
        }
    }

    /** Runs an operation; once more when all it met were locks of dead runs, which are released. */
    public OperationResult run(
            RunRequest request, Workspace workspace, Consumer<String> notes, Supplier<OperationResult> operation) {
        OperationResult result = operation.get();
        if (!isLocked(result.failure())) {
            return result;
        }
        if (release(result.failure().orElseThrow(), request, workspace, notes)) {
            result = operation.get();
        }
        Optional<Failure> failure = result.failure();
        return failure.isEmpty() ? result : result.with(locks.explained(failure.get(), request));
    }

    /** The same for what has no result of its own. */
    public <T> T call(RunRequest request, Workspace workspace, Consumer<String> notes, Supplier<T> operation) {
        try {
            return operation.get();
        } catch (EngineException e) {
            if (!isLocked(Optional.of(e.failure()))) {
                throw e;
            }
            if (release(e.failure(), request, workspace, notes)) {
                return operation.get();
            }
            throw new EngineException(locks.explained(e.failure(), request), e);
        }
    }

    private static boolean isLocked(Optional<Failure> failure) {
        return failure.filter(f -> f.kind() == Failure.Kind.LOCKED).isPresent();
    }

    private boolean release(Failure failure, RunRequest request, Workspace workspace, Consumer<String> notes) {
        // On a backend of files each lock is released by itself, and has been, if it may.
        if (backends.apply(request.backendUrl()).isPresent() || !locks.mayAllBeReleased(failure, request, notes)) {
            return false;
        }
        engine.releaseLocks(workspace);
        return true;
    }

    /**
     * Before an up or a destroy: no resource may be there of which nobody knows whether it was created.
     *
     * @param exported the state as the CLI exports it; asked for only where it cannot be read as a file
     * @throws EngineException {@code PendingCreates} when the Stack wants to be asked; {@code Locked} while somebody may be
     *     at work on them
     */
    public void checkPending(
            RunRequest request, Workspace workspace, Supplier<JsonNode> exported, Consumer<String> notes) {
        boolean locksAreSeen = backends.apply(request.backendUrl()).isPresent();
        List<String> pending = pending(request, exported);
        if (!pending.isEmpty() && locksAreSeen) {
            // Somebody's command may have begun while the run got ready: it is waited for, or what it left is read.
            clearLocks(request, notes);
            pending = pending(request, () -> engine.export(workspace));
        }
        if (pending.isEmpty()) {
            return;
        }
        if (request.leftovers().onPendingCreate() == OnPendingCreate.Stall) {
            throw new EngineException(PendingCreates.stall(pending, request, !locksAreSeen));
        }
        // Anew: where locks are not seen, somebody's command may have ended since, with resources that are to stay.
        JsonNode state = engine.export(workspace);
        List<String> cleared = PendingCreates.in(state);
        if (!cleared.isEmpty()) {
            write(request, workspace, notes, PendingCreates.without(state));
            notes.accept("spec.updates.onPendingCreate is Clear: forgot " + cleared.size()
                    + " create(s) that a run was cut short in; if the resources exist, nothing manages them: "
                    + PendingCreates.names(cleared));
        }
    }

    /**
     * Before a refresh: creates that were cut short, and of which a person knows the ids, become resources.
     *
     * @throws EngineException {@code PendingCreates} when the person does not say what became of all of them
     */
    public void importPending(RunRequest request, Workspace workspace, Consumer<String> notes) {
        Map<String, String> ids = request.options().pendingCreates().existing();
        if (ids.isEmpty()) {
            return;
        }
        JsonNode state = engine.export(workspace);
        Set<String> pending = new HashSet<>(PendingCreates.in(state));
        JsonNode imported = PendingCreates.imported(state, request.options().pendingCreates());
        if (ids.keySet().stream().anyMatch(pending::contains)) {
            write(request, workspace, notes, imported);
        }
        ids.keySet().stream()
                .filter(urn -> !pending.contains(urn))
                .forEach(urn -> notes.accept("no create is pending of " + urn));
        PendingCreates.known(state, ids)
                .forEach(urn -> notes.accept("the state has " + urn + " with the id " + ids.get(urn)
                        + " already: its pending create was forgotten, and nothing else changed"));
    }

    /** Writing a state takes a lock too, and what is to be put right is what a dead run has left, often with its lock. */
    private void write(RunRequest request, Workspace workspace, Consumer<String> notes, JsonNode state) {
        call(request, workspace, notes, () -> {
            engine.importState(workspace, state);
            return state;
        });
    }

    private List<String> pending(RunRequest request, Supplier<JsonNode> exported) {
        Optional<Path> checkpoint = backends.apply(request.backendUrl())
                .flatMap(files -> files.checkpoint(
                        request.identity().project(), request.identity().name()));
        if (checkpoint.isPresent()) {
            try {
                return PendingCreates.in(checkpoint.get());
            } catch (IOException e) {
                LOG.atWarn()
                        .setCause(e)
                        .addKeyValue("update", request.run().update())
                        .log("the state was not understood; the CLI is asked for it");
            }
        }
        try {
            return PendingCreates.in(exported.get());
        } catch (EngineException e) {
            if (e.failure().reason() == Reason.StackNotFound) {
                return List.of();
            }
            throw e;
        }
    }
}
