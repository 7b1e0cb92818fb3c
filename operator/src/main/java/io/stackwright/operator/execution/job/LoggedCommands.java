package io.stackwright.operator.execution.job;

import io.stackwright.operator.engine.automation.CliListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the pod's log, at level debug, when the CLI is at work. */
final class LoggedCommands implements CliListener {

    private static final Logger LOG = LoggerFactory.getLogger(LoggedCommands.class);

    @Override
    public void starts(String command) {
        LOG.atDebug().addKeyValue("command", command).log("CLI starts");
    }

    @Override
    public void ended() {
        LOG.atDebug().log("CLI ended");
    }
}
