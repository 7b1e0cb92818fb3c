package io.stackwright.operator.engine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How an operation runs.
 *
 * @param parallel resource operations at once; empty for Pulumi's default
 * @param refresh refresh before the operation (up, preview)
 * @param continueOnError go on with other resources after one failed (up, destroy)
 * @param remove remove the stack from the backend after its last resource (destroy)
 * @param targets URNs to restrict the operation to; empty for all
 * @param timeout from the start of the CLI until it is asked to stop
 * @param grace from the request to stop until the CLI and all its descendants are killed
 * @param pendingCreates what is known of resources whose creation was cut short (refresh)
 */
public record OperationOptions(
        OptionalInt parallel,
        boolean refresh,
        boolean continueOnError,
        boolean remove,
        List<String> targets,
        Duration timeout,
        Duration grace,
        PendingCreates pendingCreates) {

    /**
     * What has become of resources whose creation was cut short.
     *
     * @param clear forget those that are not imported
     * @param existing URNs and provider ids of those that exist
     */
    public record PendingCreates(boolean clear, Map<String, String> existing) {

        public static final PendingCreates UNKNOWN = new PendingCreates(false, Map.of());

        public PendingCreates {
            existing = Map.copyOf(existing);
        }
    }

    public OperationOptions {
        targets = List.copyOf(targets);
    }

    /** Without a word on pending creates. */
    public OperationOptions(
            OptionalInt parallel,
            boolean refresh,
            boolean continueOnError,
            boolean remove,
            List<String> targets,
            Duration timeout,
            Duration grace) {
        this(parallel, refresh, continueOnError, remove, targets, timeout, grace, PendingCreates.UNKNOWN);
    }

    /** The same with what is known of pending creates. */
    public OperationOptions with(PendingCreates known) {
        return new OperationOptions(parallel, refresh, continueOnError, remove, targets, timeout, grace, known);
    }

    /** Nothing special, one hour, ten minutes of grace. */
    public static OperationOptions defaults() {
        return new OperationOptions(
                OptionalInt.empty(), false, false, false, List.of(), Duration.ofHours(1), Duration.ofMinutes(10));
    }
}
