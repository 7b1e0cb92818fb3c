package io.stackwright.operator.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.stackwright.operator.settings.OperatorSettings.LogFormat;

/**
 * The log until the settings are read; found by Logback as a service. A file would say the same, and to read it takes half
 * of the processor time that a first line of log costs, which every pod of a run would spend.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class FirstLog extends ContextAwareBase implements Configurator {

    /** Of tests, and Logback's own name for it. */
    private static final String FILE = "/logback-test.xml";

    private final boolean hasFile;

    /** For Logback. */
    public FirstLog() {
        this(FirstLog.class.getResource(FILE) != null);
    }

    /** @param hasFile whether there is a file that says what to log */
    FirstLog(boolean hasFile) {
        this.hasFile = hasFile;
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (hasFile) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        Logging.write(context, LogFormat.TEXT, Level.INFO);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
