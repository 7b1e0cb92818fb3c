package io.stackwright.operator.engine.automation;

import com.pulumi.automation.AutomationException;
import com.pulumi.automation.CommandResult;
import com.pulumi.automation.CommandRunOptions;
import com.pulumi.automation.PulumiCommand;
import com.pulumi.automation.Version;
import com.pulumi.automation.events.EngineEvent;
import com.pulumi.automation.serialization.internal.LocalSerializer;
import io.stackwright.operator.engine.ProgressListener;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.engine.automation.CliRunner.Bounds;
import io.stackwright.operator.engine.automation.CliRunner.Call;
import io.stackwright.operator.engine.automation.CliRunner.Result;
import io.stackwright.operator.engine.processes.ProcessRecord;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the Automation API runs instead of its own CLI wrapper, for one call on one stack.
 *
 * <p>Operations run for real. What the API asks around them is answered from the events of the operation, so that an
 * update is one process, or two when an output is secret.
 */
final class StackCommand implements PulumiCommand {

    private static final Logger LOG = LoggerFactory.getLogger(StackCommand.class);

    /** Human-readable output: the beginning names what ran, the end says how it went. */
    private static final int LOG_HEAD = 4 * 1024;

    static final int LOG_TAIL = 64 * 1024;

    /** Data: all of it or an error. */
    private static final int DATA_LIMIT = 64 * 1024 * 1024;

    /** Enough for a preview, of which the API wants to see that it ended; we read the events ourselves. */
    private static final String SUMMARY_EVENT = "{\"sequence\":0,\"timestamp\":0,\"summaryEvent\":"
            + "{\"maybeCorrupt\":false,\"durationSeconds\":0,\"resourceChanges\":{},\"PolicyPacks\":{}}}";

    /**
     * The operation that the call is about.
     *
     * @param flags flags that the API has no option for
     */
    record OperationSetup(List<String> flags, Bounds bounds, EventFold fold, ProgressListener listener) {}

    private final CliRunner runner;
    private final Workspace workspace;
    private final Version version;
    private final Arguments arguments;
    private final Bounds queryBounds;
    private final Optional<OperationSetup> setup;
    private OutputAnswers outputs;
    private Instant started;
    private Result operation;

    StackCommand(
            CliRunner runner,
            Workspace workspace,
            Version version,
            Bounds queryBounds,
            Optional<OperationSetup> setup) {
        this.runner = runner;
        this.workspace = workspace;
        this.version = version;
        this.arguments = new Arguments(workspace.stack());
        this.queryBounds = queryBounds;
        this.setup = setup;
        this.outputs = new OutputAnswers(show -> query(arguments.outputs(show)), Optional.empty());
    }

    @Override
    public Version version() {
        return version;
    }

    @Override
    public CommandResult run(List<String> args, CommandRunOptions options) throws AutomationException {
        return switch (Arguments.Command.of(args)) {
            case SELECT -> answer("");
            case CREATE -> answer(query(arguments.create()));
            case OPERATION -> operation(args, options);
            case OUTPUT -> answer(outputs.answer(args.contains("--show-secrets")));
            case HISTORY -> answer(history(args));
            case TAG -> answer(query(arguments.tag(args)));
            case OTHER -> throw new AutomationException("the operator has no use for: pulumi " + args.getFirst());
        };
    }

    OutputAnswers outputs() {
        return outputs;
    }

    /** What the operation's process left; empty when it was not started. */
    Optional<Result> operationResult() {
        return Optional.ofNullable(operation);
    }

    /** Runs a command that answers with data. */
    String query(List<String> args) throws AutomationException {
        Call call = call(args, Map.of(), DATA_LIMIT, 0);
        Result result = operation == null ? run(call, queryBounds) : runUninterrupted(call);
        if (!result.succeeded()) {
            throw new CliFailedException(result, Optional.of(CliRunner.name(args)));
        }
        if (!result.stdout().complete()) {
            throw new AutomationException("the CLI's answer is larger than " + DATA_LIMIT + " bytes");
        }
        return result.stdout().text();
    }

    /** Runs a command that has nothing to answer, and may say a lot. */
    void execute(List<String> args) throws AutomationException {
        Result result = run(call(args, Map.of(), LOG_HEAD, LOG_TAIL), queryBounds);
        if (!result.succeeded()) {
            throw new CliFailedException(result);
        }
    }

    /** A finished update is finished, even if this thread is asked to stop while its outputs are read. */
    private Result runUninterrupted(Call call) throws AutomationException {
        CompletableFuture<Result> result = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(runner.run(call, queryBounds));
            } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            throw new AutomationException(e.getCause());
        }
    }

    private Result run(Call call, Bounds bounds) throws AutomationException {
        try {
            return runner.run(call, bounds);
        } catch (IOException e) {
            throw new AutomationException(e);
        }
    }

    private CommandResult operation(List<String> args, CommandRunOptions options) throws AutomationException {
        OperationSetup wanted = setup.orElseThrow(() -> new AutomationException("no operation was prepared"));
        started = Instant.now();
        try (EventLog events = EventLog.open(workspace.scratch(), event -> {
            if (wanted.fold().accept(event)) {
                report(wanted);
            }
        })) {
            List<String> mapped = arguments.operation(args, wanted.flags(), events.file());
            Call call = call(mapped, Map.of("PULUMI_DEBUG_COMMANDS", "true"), LOG_HEAD, LOG_TAIL);
            operation = runner.runDetached(call, wanted.bounds(), workspace.scratch(), events.file());
        } catch (IOException e) {
            throw new AutomationException(e);
        }
        if (!operation.succeeded()) {
            throw new CliFailedException(operation);
        }
        outputs = new OutputAnswers(
                show -> query(arguments.outputs(show)), wanted.fold().outputs());
        if (options.onEngineEvent() != null) {
            options.onEngineEvent().accept(new LocalSerializer().deserializeJson(SUMMARY_EVENT, EngineEvent.class));
        }
        return answer(operation.stdout().text());
    }

    private static void report(OperationSetup setup) {
        try {
            setup.listener().progress(setup.fold().progress(), setup.fold().changes());
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("A progress listener failed");
        }
    }

    /** The API reads the last update back; nothing of it is used. */
    private String history(List<String> args) throws AutomationException {
        if (operation == null) {
            throw new AutomationException("the operator has no use for: pulumi " + String.join(" ", args));
        }
        return "[{\"kind\":\"update\",\"version\":0,\"message\":\"\",\"environment\":{},\"config\":{},\"startTime\":\""
                + started + "\",\"endTime\":\"" + Instant.now()
                + "\",\"result\":\"succeeded\",\"resourceChanges\":{}}]";
    }

    private Call call(List<String> args, Map<String, String> more, int head, int tail) {
        return new Call(
                args,
                workspace.directory(),
                environment(more),
                head,
                tail,
                workspace.record().map(ProcessRecord::new));
    }

    private Map<String, String> environment(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(workspace.environment());
        all.put("PULUMI_SKIP_UPDATE_CHECK", "true");
        all.put("PULUMI_AUTOMATION_API", "true");
        all.putAll(more);
        return all;
    }

    private static CommandResult answer(String text) {
        return new CommandResult(0, text, "");
    }
}
