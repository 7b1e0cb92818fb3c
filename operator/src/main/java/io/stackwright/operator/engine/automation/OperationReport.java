package io.stackwright.operator.engine.automation;

import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.engine.OutputValue;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Puts the result of an operation together. */
final class OperationReport {

    private final EventFold fold;
    private final StackCommand command;

    OperationReport(EventFold fold, StackCommand command) {
        this.fold = fold;
        this.command = command;
    }

    OperationResult succeeded(Optional<Map<String, OutputValue>> outputs) {
        return result(Optional.empty(), outputs, fold.resources());
    }

    OperationResult failed(Failure failure) {
        return result(Optional.of(failure), Optional.empty(), OptionalInt.empty());
    }

    private OperationResult result(
            Optional<Failure> failure, Optional<Map<String, OutputValue>> outputs, OptionalInt resources) {
        return new OperationResult(
                failure,
                fold.changes(),
                resources,
                fold.tookOut(),
                outputs,
                fold.steps(),
                fold.omittedSteps(),
                fold.diagnostics(),
                log());
    }

    private String log() {
        return command.operationResult().map(OperationReport::log).orElse("");
    }

    /** The end of what the CLI said to people; its complaints come last. */
    static String log(CliRunner.Result result) {
        String stderr = result.stderr().text();
        String stdout = result.stdout().text();
        String log = AnsiText.strip(stderr.isBlank() ? stdout : stdout + "\n" + stderr);
        if (log.length() <= StackCommand.LOG_TAIL) {
            return log;
        }
        // From the beginning of a line: half a secret cannot be masked any more.
        int line = log.indexOf('\n', log.length() - StackCommand.LOG_TAIL);
        return line < 0 ? "" : log.substring(line + 1);
    }
}
