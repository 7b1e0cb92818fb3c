package io.stackwright.operator.telemetry;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.MDC;

/** The keys that tell what a log line is about; on the lines of this thread until it is closed. */
public final class LogContext implements AutoCloseable {

    private static final String NAMESPACE = "namespace";
    private static final String STACK = "stack";
    private static final String UPDATE = "update";

    private final Map<String, String> before;

    private LogContext(Map<String, String> before) {
        this.before = before;
    }

    /** Starts to add the keys of {@link #keys} to the lines of this thread. */
    public static LogContext open(Map<String, String> keys) {
        Map<String, String> before = MDC.getCopyOfContextMap();
        keys.forEach(MDC::put);
        return new LogContext(before == null ? Map.of() : before);
    }

    /** Keys of a Stack or an Update. */
    public static Map<String, String> keys(HasMetadata object) {
        Map<String, String> keys = new LinkedHashMap<>();
        put(keys, NAMESPACE, object.getMetadata().getNamespace());
        switch (object) {
            case Stack stack -> put(keys, STACK, stack.getMetadata().getName());
            case Update update -> {
                put(
                        keys,
                        STACK,
                        update.getSpec() == null ? null : update.getSpec().stack());
                put(keys, UPDATE, update.getMetadata().getName());
            }
            default -> put(keys, object.getKind(), object.getMetadata().getName());
        }
        return keys;
    }

    @Override
    public void close() {
        MDC.setContextMap(before);
    }

    private static void put(Map<String, String> keys, String key, String value) {
        if (key != null && value != null) {
            keys.put(key, value);
        }
    }
}
