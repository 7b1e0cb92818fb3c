package io.stackwright.operator.execution.job;

import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.job.RunInput.DeadRun;
import io.stackwright.operator.execution.job.RunInput.SourceLimits;
import io.stackwright.operator.execution.runner.EncryptionMaterial;
import io.stackwright.operator.execution.runner.StackOwners;
import io.stackwright.operator.inputs.ReferenceReader;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.telemetry.Tracing;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Gathers what a Job is given: everything that it could not read with its own token. */
public final class RunInputs {

    /** What Kubernetes cuts a Job's name to, and appends to it, for the name of a pod. */
    private static final int LONGEST_POD_NAME = 63;

    private static final int SUFFIX = 5;

    private final ReferenceReader references;
    private final EncryptionMaterial encryption;
    private final StackOwners owners;
    private final GoneOwners gone;
    private final Function<StackKey, Collection<Update>> history;
    private final SourceLimits limits;
    private final RunInput.Log log;
    private final Optional<String> traces;

    /**
     * Creates it.
     *
     * @param history the Updates of a Stack, as far as they are known
     * @param tracing where this operator has traces sent
     */
    public RunInputs(
            ReferenceReader references,
            EncryptionMaterial encryption,
            StackOwners owners,
            Function<StackKey, Collection<Update>> history,
            OperatorSettings settings,
            Tracing tracing) {
        this.references = references;
        this.encryption = encryption;
        this.owners = owners;
        this.gone = new GoneOwners(owners);
        this.history = history;
        this.limits =
                new SourceLimits(settings.sourceAllowedHosts(), settings.sourceMaxBytes(), settings.sourceTimeout());
        this.log = new RunInput.Log(settings.logFormat(), settings.logLevel());
        this.traces = tracing.endpoint();
    }

    /** @throws io.stackwright.operator.engine.EngineException when what the stack is encrypted with cannot be had */
    RunInput of(RunRequest request) {
        RunKey run = request.run();
        boolean used = request.identity().adopted() != null;
        return new RunInput(
                        request,
                        request.program()
                                .map(program -> CapturedReferences.of(
                                        run.stack().namespace(),
                                        program.source(),
                                        request.operation() != Operation.Destroy,
                                        references))
                                .orElse(CapturedReferences.none()),
                        encryption.of(
                                new EncryptionMaterial.Holder(run.stack(), run.stackUid()),
                                request.inputs().passphrase(),
                                used),
                        owners.installation(),
                        gone.of(run),
                        dead(history.apply(run.stack()), run.update()),
                        limits,
                        log)
                .tracedTo(traces);
    }

    /** Keeps the salt that a run has encrypted with. */
    void keepSalt(RunKey run, boolean given, String salt) {
        encryption.keep(new EncryptionMaterial.Holder(run.stack(), run.stackUid()), given, salt);
    }

    /** Whether a run found its Pulumi stack to be that of a Stack that is gone: the next one may have it. */
    boolean isReleased(RunKey run, RunResult.ForeignOwner owner) {
        return gone.add(run, owner);
    }

    /** The run has its Job, and with it what was kept for it. */
    void given(RunKey run) {
        gone.remove(run);
    }

    /** Whether the Update of a run is known, and its end is to be taken. */
    boolean isOpen(RunKey run) {
        return history.apply(run.stack()).stream()
                .filter(update -> update.getMetadata().getName().equals(run.update()))
                .filter(update -> update.getMetadata().getUid().equals(run.updateUid()))
                .anyMatch(JobSweep::isOpen);
    }

    /** Runs of the Stack that have ended in pods: locks of theirs bind nobody. */
    static List<DeadRun> dead(Collection<Update> history, String itself) {
        return history.stream()
                .filter(update -> !update.getMetadata().getName().equals(itself))
                .flatMap(update -> dead(update).stream())
                .toList();
    }

    private static Optional<DeadRun> dead(Update update) {
        UpdateStatus status = update.getStatus();
        boolean ended =
                status != null && status.phase() != null && status.phase().isFinal();
        ExecutorStatus executor =
                status == null || status.run() == null ? null : status.run().executor();
        // With a process id it was a process of an operator: no pod of its own tells of its end.
        if (!ended || executor == null || executor.host() == null || executor.pid() != null) {
            return Optional.empty();
        }
        // The pod's program can have written any host there: that of another one, whose lock must stay.
        if (!isPodOf(update.getMetadata().getName(), executor.host())) {
            return Optional.empty();
        }
        Instant from = instant(update.getMetadata().getCreationTimestamp()).orElse(Instant.EPOCH);
        return Optional.of(
                new DeadRun(update.getMetadata().getName(), executor.host(), from, instant(status.finishedAt())));
    }

    /** Whether a host is named as Kubernetes names the pods of an Update's Job. */
    private static boolean isPodOf(String job, String host) {
        String base = job + "-";
        String kept = base.substring(0, Math.min(base.length(), LONGEST_POD_NAME - SUFFIX));
        return host.startsWith(kept)
                && host.length() == kept.length() + SUFFIX
                && host.substring(kept.length()).chars().allMatch(Character::isLetterOrDigit);
    }

    private static Optional<Instant> instant(String text) {
        try {
            return text == null ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
