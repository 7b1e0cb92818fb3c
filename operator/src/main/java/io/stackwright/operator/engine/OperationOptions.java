package io.stackwright.operator.engine;

import java.time.Duration;
import java.util.List;
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
 */
public record OperationOptions(
        OptionalInt parallel,
        boolean refresh,
        boolean continueOnError,
        boolean remove,
        List<String> targets,
        Duration timeout,
        Duration grace) {

    public OperationOptions {
        targets = List.copyOf(targets);
    }

    /** Nothing special, one hour, ten minutes of grace. */
    public static OperationOptions defaults() {
        return new OperationOptions(
                OptionalInt.empty(), false, false, false, List.of(), Duration.ofHours(1), Duration.ofMinutes(10));
    }
}
