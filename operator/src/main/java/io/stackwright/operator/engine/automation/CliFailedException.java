package io.stackwright.operator.engine.automation;

import com.pulumi.automation.CommandException;
import com.pulumi.automation.CommandResult;
import java.util.Optional;

/** A run of the CLI that did not succeed; passes through the Automation API unchanged. */
final class CliFailedException extends CommandException {

    private static final long serialVersionUID = 1L;

    private final transient CliRunner.Result result;
    private final transient Optional<String> query;

    CliFailedException(CliRunner.Result result) {
        this(result, Optional.empty());
    }

    /** @param query the command, if it only asked or noted something */
    CliFailedException(CliRunner.Result result, Optional<String> query) {
        // The text would end up in the exception's message: what the CLI printed is not for logs.
        super(new CommandResult(result.exitCode(), "", ""));
        this.result = result;
        this.query = query;
    }

    CliRunner.Result result() {
        return result;
    }

    Optional<String> query() {
        return query;
    }
}
