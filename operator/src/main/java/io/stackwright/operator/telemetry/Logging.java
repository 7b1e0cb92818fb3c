package io.stackwright.operator.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.jul.LevelChangePropagator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.settings.OperatorSettings.LogFormat;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sets up the log of the process, on standard output. */
public final class Logging {

    private static final String OWN_LOGGERS = "io.stackwright";
    /** Repeats, without our keys, what the guard around the reconcilers has logged. */
    private static final String LOGS_FAILURES_AGAIN = "io.javaoperatorsdk.operator.processing.event.EventProcessor";

    private Logging() {}

    /**
     * Makes the log what the settings say.
     *
     * <p>Libraries log warnings and errors at every level: in detail they would log requests, and with them the content
     * of Secrets. To be called before the first controller is made.
     */
    public static void configure(OperatorSettings settings) {
        configure(settings.logFormat(), settings.logLevel());
    }

    /** The same of a process that has no settings of its own. */
    public static void configure(LogFormat format, String leastLevel) {
        // The framework would add seven keys of its own to every line; it reads this when it is loaded.
        System.setProperty("JAVA_OPERATOR_SDK_USE_MDC", "false");
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (!(factory instanceof LoggerContext context)) {
            throw new IllegalStateException("the log is not Logback's but " + factory.getClass());
        }
        context.reset();
        write(context, format, Level.toLevel(leastLevel));

        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    /** The log of a context that has none. */
    static void write(LoggerContext context, LogFormat format, Level level) {
        LevelChangePropagator propagator = new LevelChangePropagator();
        propagator.setContext(context);
        propagator.start();
        context.addListener(propagator);

        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setEncoder(encoder(format, context));
        console.start();

        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(console);
        root.setLevel(level == Level.ERROR ? Level.ERROR : Level.WARN);
        context.getLogger(OWN_LOGGERS).setLevel(level);
        context.getLogger(LOGS_FAILURES_AGAIN).setLevel(Level.ERROR);
    }

    static Encoder<ILoggingEvent> encoder(LogFormat format, LoggerContext context) {
        Encoder<ILoggingEvent> encoder = switch (format) {
            case JSON -> json();
            case TEXT -> text();
        };
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> json() {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithContext(false);
        encoder.setWithArguments(false);
        encoder.setWithMessage(false);
        encoder.setWithFormattedMessage(true);
        return encoder;
    }

    private static Encoder<ILoggingEvent> text() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        // Line breaks in messages would let one line pass for two.
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0} %replace(%msg %kvp %mdc){'[\\r\\n]+', ' '}%n%ex");
        return encoder;
    }
}
