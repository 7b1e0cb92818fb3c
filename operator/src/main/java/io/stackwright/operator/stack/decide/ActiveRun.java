package io.stackwright.operator.stack.decide;

import io.stackwright.api.v1alpha1.Operation;
import java.util.Optional;

/**
 * An Update of the Stack that has been decided on and has not ended.
 *
 * @param update its name
 * @param operation what it does
 * @param wanted whether it is on the way to the desired state; false for ad-hoc previews, refreshes and targeted ups
 * @param lost why its executor is gone but not proven dead; empty while it is alive or waits for its turn
 * @param remedy whether it says what has become of resources whose creation was cut short, which a destroy waits for
 * @param cancelled whether a person has asked for it to be stopped
 * @param hindrance what keeps it from starting, or its end from being known; empty when it runs, or waits for its turn
 *     alone
 * @param begun whether it has begun, as far as is known
 */
public record ActiveRun(
        String update,
        Operation operation,
        boolean wanted,
        Optional<String> lost,
        boolean remedy,
        boolean cancelled,
        Optional<Problem> hindrance,
        boolean begun) {

    /** One that nothing keeps from starting. */
    public ActiveRun(
            String update,
            Operation operation,
            boolean wanted,
            Optional<String> lost,
            boolean remedy,
            boolean cancelled) {
        this(update, operation, wanted, lost, remedy, cancelled, Optional.empty(), false);
    }

    /** One that is no remedy and that nobody wants to stop. */
    public ActiveRun(String update, Operation operation, boolean wanted, Optional<String> lost) {
        this(update, operation, wanted, lost, false, false);
    }
}
