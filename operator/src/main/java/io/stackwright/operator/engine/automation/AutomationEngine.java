package io.stackwright.operator.engine.automation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.pulumi.automation.AutomationException;
import com.pulumi.automation.LocalWorkspace;
import com.pulumi.automation.LocalWorkspaceOptions;
import com.pulumi.automation.Version;
import com.pulumi.automation.WorkspaceStack;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.FailureClassifier;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.engine.ProgressListener;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.engine.automation.CliRunner.Bounds;
import io.stackwright.operator.engine.processes.MemoryKills;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * {@link PulumiEngine} on Pulumi's Automation API and the installed CLI.
 *
 * <p>Call {@link #version()} once before anything else: the operations themselves do not ask for it. Safe for use by
 * several threads, one operation per stack at a time.
 */
public final class AutomationEngine implements PulumiEngine {

    /** How long a command that only asks or notes something may take, and then to stop. */
    static final Duration QUERY_TIMEOUT = Duration.ofMinutes(3);

    private static final Duration QUERY_GRACE = Duration.ofSeconds(20);
    private static final Duration INSTALL_GRACE = Duration.ofSeconds(10);
    private static final int INSTALL_LINES = 20;

    private final PulumiCli cli;
    private final List<String> traceFlags;
    private final MemoryKills memory;
    private final Duration queryTimeout;

    /** @param pulumiCommand path of the CLI, or a name looked up on the PATH of this process, once */
    public AutomationEngine(String pulumiCommand) {
        this(pulumiCommand, Objects.requireNonNullElse(System.getenv("PATH"), ""));
    }

    /**
     * @param pulumiCommand path of the CLI, or a name looked up on PATH, once
     * @param searchPath the PATH of this process; what programs see comes from {@link Workspace#environment()}
     */
    public AutomationEngine(String pulumiCommand, String searchPath) {
        this(pulumiCommand, searchPath, command -> {});
    }

    /** @param listener told of each process */
    public AutomationEngine(String pulumiCommand, String searchPath, CliListener listener) {
        this(pulumiCommand, searchPath, listener, Optional.empty());
    }

    /** @param traces where the CLI sends traces of operations, as {@code --otel-traces} takes it, without secrets */
    public AutomationEngine(String pulumiCommand, String searchPath, CliListener listener, Optional<String> traces) {
        this(pulumiCommand, searchPath, listener, traces, new MemoryKills(), QUERY_TIMEOUT);
    }

    AutomationEngine(
            String pulumiCommand,
            String searchPath,
            CliListener listener,
            Optional<String> traces,
            MemoryKills memory,
            Duration queryTimeout) {
        this.memory = memory;
        this.queryTimeout = queryTimeout;
        this.cli = new PulumiCli(pulumiCommand, searchPath, listener);
        this.traceFlags = traces.map(url -> List.of("--otel-traces", url)).orElse(List.of());
    }

    @Override
    public String version() {
        return cli.version().toString();
    }

    @Override
    public boolean createStack(Workspace workspace) {
        StackCommand command = command(workspace);
        try {
            WorkspaceStack.create(workspace.stack().qualified(), local(workspace, command));
            return true;
        } catch (CliFailedException e) {
            if (e.result().stderr().text().contains("' already exists")) {
                return false;
            }
            throw new EngineException(failure(workspace, e, List.of(), Reason.UpdateFailed));
        } catch (AutomationException e) {
            throw internal(e);
        }
    }

    @Override
    public Map<String, String> tags(Workspace workspace) {
        return call(workspace, (stack, command) -> Map.copyOf(stack.listTags()));
    }

    @Override
    public void setTag(Workspace workspace, String name, String value) {
        call(workspace, (stack, command) -> {
            stack.setTag(name, value);
            return null;
        });
    }

    @Override
    public void removeTag(Workspace workspace, String name) {
        call(workspace, (stack, command) -> {
            stack.removeTag(name);
            return null;
        });
    }

    @Override
    public OperationResult preview(
            Workspace workspace, OperationOptions options, ProgressListener listener, CancelToken cancel) {
        return operate(Operation.Preview, workspace, options, listener, cancel);
    }

    @Override
    public OperationResult up(
            Workspace workspace, OperationOptions options, ProgressListener listener, CancelToken cancel) {
        return operate(Operation.Up, workspace, options, listener, cancel);
    }

    @Override
    public OperationResult refresh(
            Workspace workspace, OperationOptions options, ProgressListener listener, CancelToken cancel) {
        return operate(Operation.Refresh, workspace, options, listener, cancel);
    }

    @Override
    public OperationResult destroy(
            Workspace workspace, OperationOptions options, ProgressListener listener, CancelToken cancel) {
        return operate(Operation.Destroy, workspace, options, listener, cancel);
    }

    @Override
    public Map<String, OutputValue> outputs(Workspace workspace) {
        return call(workspace, (stack, command) -> command.outputs().read(stack.getOutputs()));
    }

    @Override
    public JsonNode export(Workspace workspace) {
        // Not through the API: it asks for plain secrets, and turns every number into a double.
        return call(workspace, (stack, command) -> {
            try {
                return Json.parse(command.query(new Arguments(workspace.stack()).export()));
            } catch (JsonProcessingException e) {
                throw new AutomationException("the CLI's export is not JSON");
            }
        });
    }

    @Override
    public void importState(Workspace workspace, JsonNode state) {
        call(workspace, (stack, command) -> {
            Path file = null;
            try {
                file = ScratchFiles.create(workspace.scratch(), "import-", ".json");
                Files.writeString(file, Json.write(state));
                return command.query(new Arguments(workspace.stack()).importState(file));
            } catch (IOException e) {
                throw new AutomationException(e);
            } finally {
                delete(file);
            }
        });
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // It goes with the folder of the run.
        }
    }

    @Override
    public void releaseLocks(Workspace workspace) {
        call(workspace, (stack, command) -> command.query(new Arguments(workspace.stack()).cancel()));
    }

    @Override
    public void install(Workspace workspace, Duration timeout, CancelToken cancel) {
        StackCommand command = command(workspace, new Bounds(timeout, INSTALL_GRACE, cancel), Optional.empty());
        long killed = memory.count();
        try {
            command.execute(Arguments.install());
        } catch (CliFailedException e) {
            String said = OperationReport.log(e.result());
            Failure failure = failure(workspace, e, List.of(lastLines(said)), Reason.InstallFailed);
            throw new EngineException(explained(failure, Reason.InstallFailed, killed));
        } catch (AutomationException e) {
            throw internal(e);
        }
    }

    private OperationResult operate(
            Operation operation,
            Workspace workspace,
            OperationOptions options,
            ProgressListener listener,
            CancelToken cancel) {
        EventFold fold = new EventFold(operation, !options.targets().isEmpty(), workspace.mask());
        Bounds bounds = new Bounds(options.timeout(), options.grace(), cancel);
        List<String> flags = new ArrayList<>(SdkOptions.flags(operation, options));
        flags.addAll(traceFlags);
        StackCommand command = command(
                workspace, queryBounds(), Optional.of(new StackCommand.OperationSetup(flags, bounds, fold, listener)));
        OperationReport report = new OperationReport(fold, command);
        if (cancel.isCancelled() || Thread.currentThread().isInterrupted()) {
            return report.failed(new Failure(Failure.Kind.CANCELLED, Reason.Cancelled, "cancelled before it started"));
        }
        long killed = memory.count();
        try {
            WorkspaceStack stack = select(workspace, command);
            return report.succeeded(run(operation, stack, command, options));
        } catch (CliFailedException e) {
            Reason otherwise = operation == Operation.Destroy ? Reason.DestroyFailed : Reason.UpdateFailed;
            return report.failed(explained(failure(workspace, e, fold.errors(), otherwise), otherwise, killed));
        } catch (AutomationException e) {
            return report.failed(internal(e).failure());
        }
    }

    private static Optional<Map<String, OutputValue>> run(
            Operation operation, WorkspaceStack stack, StackCommand command, OperationOptions options)
            throws AutomationException {
        switch (operation) {
            // Read after the operation: only then its events tell the outputs.
            case Up -> {
                var outputs = stack.up(SdkOptions.up(options)).outputs();
                return Optional.of(command.outputs().read(outputs));
            }
            case Refresh -> {
                stack.refresh(SdkOptions.refresh(options));
                var outputs = stack.getOutputs();
                return Optional.of(command.outputs().read(outputs));
            }
            case Preview -> stack.preview(SdkOptions.preview(options));
            case Destroy -> stack.destroy(SdkOptions.destroy(options));
        }
        return Optional.empty();
    }

    private interface StackCall<T> {
        T on(WorkspaceStack stack, StackCommand command) throws AutomationException;
    }

    private <T> T call(Workspace workspace, StackCall<T> call) {
        StackCommand command = command(workspace);
        try {
            return call.on(select(workspace, command), command);
        } catch (CliFailedException e) {
            throw new EngineException(failure(workspace, e, List.of(), Reason.UpdateFailed));
        } catch (AutomationException e) {
            throw internal(e);
        }
    }

    private StackCommand command(Workspace workspace) {
        return command(workspace, queryBounds(), Optional.empty());
    }

    private StackCommand command(Workspace workspace, Bounds queryBounds, Optional<StackCommand.OperationSetup> setup) {
        CliVersion minimum = PulumiCli.MINIMUM;
        Version version = Version.of(minimum.major(), minimum.minor(), minimum.patch());
        return new StackCommand(cli.runner(), workspace, version, queryBounds, setup);
    }

    private Bounds queryBounds() {
        return new Bounds(queryTimeout, QUERY_GRACE, new CancelToken());
    }

    private static WorkspaceStack select(Workspace workspace, StackCommand command) throws AutomationException {
        return WorkspaceStack.select(workspace.stack().qualified(), local(workspace, command));
    }

    private static LocalWorkspace local(Workspace workspace, StackCommand command) throws AutomationException {
        return LocalWorkspace.create(LocalWorkspaceOptions.builder()
                .workDir(workspace.directory())
                .environmentVariables(workspace.environment())
                .secretsProvider("passphrase")
                .pulumiCommand(command)
                .build());
    }

    private Failure failure(Workspace workspace, CliFailedException e, List<String> errors, Reason otherwise) {
        CliRunner.Result result = e.result();
        boolean tookTooLong = result.ending().stop().equals(Optional.of(FailureClassifier.Stop.TIMED_OUT));
        if (tookTooLong && e.query().isPresent()) {
            return FailureClassifier.unanswered(e.query().get(), queryTimeout);
        }
        // Where the work directory lies is nothing a person can do something with.
        String folder = workspace.directory() + "/";
        return FailureClassifier.classify(
                new FailureClassifier.Evidence(
                        result.exitCode(),
                        AnsiText.strip(result.stderr().text()).replace(folder, ""),
                        errors.stream().map(error -> error.replace(folder, "")).toList(),
                        result.ending().stop(),
                        result.ending().killed(),
                        otherwise),
                workspace.mask());
    }

    /** @param killed how many processes had been killed for want of memory before */
    private Failure explained(Failure failure, Reason otherwise, long killed) {
        return memory.count() > killed ? FailureClassifier.outOfMemory(failure, otherwise) : failure;
    }

    /** Package managers explain themselves last. */
    private static String lastLines(String text) {
        List<String> lines = text.strip().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - INSTALL_LINES), lines.size()));
    }

    private static EngineException internal(AutomationException e) {
        Failure failure = FailureClassifier.ofOperator(e);
        return new EngineException(
                failure.reason() == Reason.InternalError
                        ? new Failure(Failure.Kind.TRANSIENT, Reason.InternalError, String.valueOf(e.getMessage()))
                        : failure,
                e);
    }
}
