package io.stackwright.operator.badinput;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;

/** How often the framework hands each object to its reconciler while this is open, as it says itself. */
final class Looks extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    private final Logger framework =
            (Logger) LoggerFactory.getLogger("io.javaoperatorsdk.operator.processing.event.ReconciliationDispatcher");
    private final Map<String, Integer> times = new TreeMap<>();

    Looks() {
        setContext(framework.getLoggerContext());
        start();
        framework.addAppender(this);
        framework.setLevel(Level.DEBUG);
        framework.setAdditive(false);
    }

    @Override
    protected synchronized void append(ILoggingEvent event) {
        if (event.getMessage().startsWith("Handling dispatch for resource name")) {
            times.merge((String) event.getArgumentArray()[0], 1, Integer::sum);
        }
    }

    /** By name; a Stack and an Update of one name count as one. */
    synchronized Map<String, Integer> byObject() {
        return new TreeMap<>(times);
    }

    @Override
    public void close() {
        framework.detachAppender(this);
        framework.setLevel(null);
        framework.setAdditive(true);
        stop();
    }
}
