package io.stackwright.operator.engine.automation;

import com.pulumi.automation.CommandException;
import com.pulumi.automation.CommandResult;

/** A run of the CLI that did not succeed; passes through the Automation API unchanged. */
final class CliFailedException extends CommandException {

    private static final long serialVersionUID = 1L;

    private final transient CliRunner.Result result;

    CliFailedException(CliRunner.Result result) {
        // The text would end up in the exception's message: what the CLI printed is not for logs.
        super(new CommandResult(result.exitCode(), "", ""));
        this.result = result;
    }

    CliRunner.Result result() {
        return result;
    }
}
