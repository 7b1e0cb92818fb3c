package io.stackwright.operator.execution.runner;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.engine.ProgressListener;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.StackId;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.recovery.Recovery;
import io.stackwright.operator.execution.recovery.RunEvidence;
import io.stackwright.operator.inputs.Redactor;
import io.stackwright.operator.source.SourceException;
import io.stackwright.operator.source.Sources;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the work of one Update, from claim to end, on the calling thread.
 *
 * <p>Claim, fetch the source, install dependencies, write the stack settings, establish the stack, set tags, run the
 * operation, clean up. Nothing is run before the claim is written.
 */
public final class UpdateRunner {

    private static final Logger LOG = LoggerFactory.getLogger(UpdateRunner.class);

    private final PulumiEngine engine;
    private final SettingsFiles settingsFiles;
    private final Ownership ownership;
    private final StateGuard stateGuard;
    private final Programs programs;
    private final RunEnvironment environment;
    private final RunPaths paths;
    private final RunLog log;
    private final Recovery recovery;

    public UpdateRunner(
            PulumiEngine engine,
            Sources sources,
            SettingsFiles settingsFiles,
            StackOwners owners,
            RunPaths paths,
            RunLog log,
            Recovery recovery,
            RunEnvironment environment,
            Clock clock) {
        this.log = log;
        this.recovery = recovery;
        this.engine = engine;
        this.settingsFiles = settingsFiles;
        this.ownership = new Ownership(engine, owners);
        this.stateGuard = new StateGuard();
        DependencyInstaller dependencies = new DependencyInstaller(engine, paths.dependencies(clock));
        this.programs = new Programs(sources, dependencies, paths);
        this.environment = environment;
        this.paths = paths;
    }

    /**
     * Runs the Update.
     *
     * @throws RunReporter.ClaimLostException when it is not ours to run; nothing was done
     */
    public RunOutcome run(RunRequest request, RunReporter reporter, CancelToken cancel) {
        reporter.claim();
        Progressing run = new Progressing(request, environment.secrets());
        try {
            return end(run, withEvidence(run, reporter, cancel), reporter, cancel);
        } catch (EngineException e) {
            return end(run, failed(e.failure()), reporter, cancel);
        } catch (SourceException e) {
            Failure.Kind kind = e.reason().stalls() ? Failure.Kind.INVALID : Failure.Kind.TRANSIENT;
            return end(run, failed(new Failure(kind, e.reason(), e.getMessage())), reporter, cancel);
        } catch (RuntimeException e) {
            boolean api = ApiFailures.isApiTrouble(e);
            (api ? LOG.atWarn() : LOG.atError())
                    .setCause(e)
                    .addKeyValue("update", request.run().update())
                    .log(api ? "the API server kept a run from going on" : "run failed in the operator");
            return end(run, failed(ApiFailures.of(e)), reporter, cancel);
        }
    }

    private OperationResult withEvidence(Progressing run, RunReporter reporter, CancelToken cancel)
            throws SourceException {
        RunRequest request = run.request;
        RunEvidence evidence = recovery.begin(request);
        try (RunFolder folder = RunFolder.create(
                paths.work(request.run().updateUid()), paths.preparePlugins(), Recovery.record(evidence))) {
            return carryOut(run, folder, reporter, cancel);
        } catch (EngineException e) {
            run.left = Recovery.Left.by(e.failure());
            throw e;
        } finally {
            close(evidence, request, run.left);
        }
    }

    /** What cannot be put away is left to the next operator: it must not turn a run that succeeded into a failure. */
    private void close(RunEvidence evidence, RunRequest request, Recovery.Left left) {
        try {
            recovery.end(evidence, request, left);
        } catch (UncheckedIOException e) {
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("update", request.run().update())
                    .log("evidence of a run was not put away");
        }
    }

    private OperationResult carryOut(Progressing run, RunFolder folder, RunReporter reporter, CancelToken cancel)
            throws SourceException {
        engine.version();
        RunRequest request = run.request;
        boolean isFirst = run.adopted.isEmpty() && !request.leftovers().hadStack();
        if (isFirst && request.operation() != Operation.Destroy) {
            // The folder of a stack that we have established is there, or away, or lost: never ours to make anew.
            paths.prepareBackend(request.backendUrl());
        }
        SettingsFile settings = settingsFiles.open(request);
        String passphrase = settings.passphrase();
        run.passphrase = Optional.of(passphrase);
        if (request.operation() == Operation.Destroy || request.program().isEmpty()) {
            return withoutProgram(run, folder, settings, reporter, cancel);
        }
        if (request.operation() != Operation.Preview || run.adopted.isEmpty()) {
            recovery.clearLocks(request, run::note);
        }
        Programs.Ready program =
                programs.ready(request, folder, first -> environmentOf(request, folder, first, passphrase), cancel);
        Workspace workspace = new Workspace(
                program.directory(),
                stackId(request),
                environmentOf(request, folder, program.executables(), passphrase),
                folder.scratch(),
                run.redactor()::redact,
                folder.record());
        Supplier<JsonNode> exported = exported(workspace);
        stateGuard.check(workspace, request, exported);
        boolean existed = run.adopted.isPresent();
        String runtime = request.program().orElseThrow().revision().runtime();
        settings.load(workspace, runtime);
        if (settings.hasSalt()) {
            settings.write(workspace);
        }
        if (existed) {
            ownership.confirm(workspace, request.backendUrl(), request.run().stackUid(), false);
        } else {
            if (!isFirst) {
                // It fails where there is none, which would be made now.
                engine.tags(workspace);
            }
            run.adopted = Optional.of(recovery.call(
                    request,
                    workspace,
                    run::note,
                    () -> ownership.establish(
                            workspace,
                            request.backendUrl(),
                            request.run().stack().namespace(),
                            request.run().stackUid())));
        }
        // Not only in the run that adopts it: that one may have failed before the salt was kept, or the salt was lost.
        if ((existed || run.adopted.get()) && !settings.keepsSalt()) {
            settings.adopt(workspace, exported.get());
        }
        if (!settings.isWritten()) {
            // The creation of the stack has put a salt into the file.
            settings.load(workspace, runtime);
            settings.write(workspace);
        }
        settings.keepSalt();
        if (request.operation() != Operation.Preview) {
            setTags(run, workspace);
        }
        if (request.operation() == Operation.Up) {
            recovery.checkPending(request, workspace, exported, run::note);
        }
        return operate(run, workspace, reporter, cancel);
    }

    /** The state as it is before the operation; the CLI is asked for it at most once. */
    private Supplier<JsonNode> exported(Workspace workspace) {
        AtomicReference<JsonNode> known = new AtomicReference<>();
        return () -> known.updateAndGet(state -> state == null ? engine.export(workspace) : state);
    }

    private OperationResult operate(Progressing run, Workspace workspace, RunReporter reporter, CancelToken cancel) {
        RunRequest request = run.request;
        ProgressListener progress = progress(request, new RunReport(run.redactor()), reporter);
        if (request.operation() == Operation.Refresh) {
            recovery.importPending(request, workspace, run::note);
        }
        OperationResult result = recovery.run(request, workspace, run::note, () -> switch (request.operation()) {
            case Up -> engine.up(workspace, request.options(), progress, cancel);
            case Preview -> engine.preview(workspace, request.options(), progress, cancel);
            case Refresh -> engine.refresh(workspace, request.options(), progress, cancel);
            case Destroy -> engine.destroy(workspace, request.options(), progress, cancel);
        });
        run.ended(result);
        return stateGuard.counted(workspace, request, result, () -> engine.export(workspace));
    }

    /** A destroy; or a refresh of a Stack whose source cannot be had, for example while it is being deleted. */
    private OperationResult withoutProgram(
            Progressing run, RunFolder folder, SettingsFile settings, RunReporter reporter, CancelToken cancel) {
        RunRequest request = run.request;
        String passphrase = settings.passphrase();
        Programs.Providers providers =
                programs.providers(request, folder, first -> environmentOf(request, folder, first, passphrase), cancel);
        Workspace workspace = new Workspace(
                providers.directory(),
                stackId(request),
                environmentOf(request, folder, providers.executables(), passphrase),
                folder.scratch(),
                run.redactor()::redact,
                folder.record());
        String uid = request.run().stackUid();
        if (run.adopted.isPresent()) {
            // What somebody else has made there must not go: that is worth a process.
            ownership.confirm(workspace, request.backendUrl(), uid, request.operation() == Operation.Destroy);
        } else {
            // A salt is held of a stack that is there: after a loss of the status it may be all that tells of it.
            boolean hadSome = request.resources().orElse(0) > 0 || settings.tellsOfStack();
            run.adopted = hadSome ? ownership.establishedBefore(workspace, uid) : ownership.established(workspace, uid);
            if (run.adopted.isEmpty()) {
                recovery.clearOwnLocks(request, run::note);
                return (hadSome ? stateGuard.unprovenDestroy(workspace, request) : Optional.<Failure>empty())
                        .map(UpdateRunner::failed)
                        .orElseGet(UpdateRunner::nothingToDestroy);
            }
            stateGuard.checkAdopted(request, run.adopted.get());
            settings.takeOverSalt();
        }
        recovery.clearLocks(request, run::note);
        if (request.operation() == Operation.Refresh) {
            stateGuard.check(workspace, request, exported(workspace));
            // Without a file that has its salt the CLI would encrypt the state anew.
            settings.load(workspace, "yaml");
            settings.write(workspace);
        }
        if (request.operation() == Operation.Destroy) {
            stateGuard.checkDestroy(
                    workspace,
                    request,
                    () -> ownership.established(workspace, uid).isPresent());
            recovery.checkPending(request, workspace, exported(workspace), run::note);
        }
        OperationResult result = operate(run, workspace, reporter, cancel);
        if (request.operation() == Operation.Destroy && isNotFound(result)) {
            return stateGuard
                    .unprovenDestroy(workspace, request)
                    .map(UpdateRunner::failed)
                    .orElseGet(UpdateRunner::nothingToDestroy);
        }
        return providers.missing().map(why -> explained(result, why)).orElse(result);
    }

    private static boolean isNotFound(OperationResult result) {
        return result.failure()
                .filter(failure -> failure.reason() == Reason.StackNotFound)
                .isPresent();
    }

    /** A provider that may be part of what could not be had: it may be had later, so nothing is stalled by it. */
    private static OperationResult explained(OperationResult result, String missing) {
        Optional<Failure> failure = result.failure()
                .filter(f -> f.reason() == Reason.RuntimeMissing || f.reason() == Reason.DestroyFailed)
                .map(f -> new Failure(
                        Failure.Kind.FAILED,
                        f.reason(),
                        f.message() + "\nThe program may provide it, but could not be had with " + missing));
        return failure.isEmpty() ? result : result.with(failure.get());
    }

    private void setTags(Progressing run, Workspace workspace) {
        Map<String, String> wanted = run.request.tags().wanted();
        for (var tag : wanted.entrySet()) {
            if (!tag.getValue().equals(run.tags.get(tag.getKey()))) {
                engine.setTag(workspace, tag.getKey(), tag.getValue());
                run.tags.put(tag.getKey(), tag.getValue());
            }
        }
        Set<String> surplus = new HashSet<>(run.tags.keySet());
        surplus.removeAll(wanted.keySet());
        for (String tag : surplus) {
            engine.removeTag(workspace, tag);
            run.tags.remove(tag);
        }
    }

    private Map<String, String> environmentOf(
            RunRequest request, RunFolder folder, List<Path> executables, String passphrase) {
        return environment.of(
                folder,
                request.run().updateUid(),
                executables,
                request.backendUrl(),
                passphrase,
                request.inputs().environment());
    }

    /** The engine knows what is done; how much there is to do is at best what there was before. */
    private static ProgressListener progress(RunRequest request, RunReport report, RunReporter reporter) {
        return (progress, changes) -> {
            Integer total = progress.total() != null || request.resources().isEmpty()
                    ? progress.total()
                    : Integer.valueOf(Math.max(request.resources().getAsInt(), progress.completed()));
            reporter.progress(
                    report.redacted(
                            new RunStatus.Progress(progress.completed(), progress.failed(), total, progress.current())),
                    changes);
        };
    }

    private static StackId stackId(RunRequest request) {
        var identity = request.identity();
        return new StackId(identity.organization(), identity.project(), identity.name());
    }

    private RunOutcome end(Progressing run, OperationResult bare, RunReporter reporter, CancelToken cancel) {
        OperationResult result = bare.noting(run.notes);
        Redactor redactor = run.redactor();
        RunReport report = new RunReport(redactor);
        Optional<Failure> failure =
                result.failure().map(f -> StateGuard.explained(run.request, f)).map(report::redacted);
        RunStatus.Result how = failure.map(f -> RunReport.resultOf(f, cancel)).orElse(RunStatus.Result.Succeeded);
        Optional<String> place = log.keep(run.request.run(), redactor.redact(result.log()));
        tidyBackend(run);
        reporter.end(report.of(result, how, pulumiVersion(), place));
        return new RunOutcome(
                how,
                failure,
                run.adopted,
                result.outputs().map(outputs -> OutputMarks.of(outputs, redactor)),
                result.resources(),
                Map.copyOf(run.tags));
    }

    /** Null where there is no CLI, which is then what the run failed of. */
    private String pulumiVersion() {
        try {
            return engine.version();
        } catch (EngineException e) {
            return null;
        }
    }

    /** Only where the stack is all ours: the history of an adopted one is its owner's. */
    private static void tidyBackend(Progressing run) {
        RunRequest request = run.request;
        if (run.adopted.isPresent() && !run.adopted.get() && request.operation() != Operation.Preview) {
            BackendHistory.prune(request.backendUrl(), request.identity());
        }
    }

    private static OperationResult failed(Failure failure) {
        return new OperationResult(
                Optional.of(failure),
                noChanges(),
                OptionalInt.empty(),
                false,
                Optional.empty(),
                List.of(),
                0,
                List.of(),
                "");
    }

    private static OperationResult nothingToDestroy() {
        return new OperationResult(
                Optional.empty(), noChanges(), OptionalInt.of(0), false, Optional.empty(), List.of(), 0, List.of(), "");
    }

    private static RunStatus.Changes noChanges() {
        return new RunStatus.Changes(0, 0, 0, 0, 0);
    }
}
