package io.stackwright.operator.stack.decide;

import io.stackwright.api.v1alpha1.Operation;

/**
 * An Update that a person made and that waits for its turn.
 *
 * @param remedy whether it says what has become of resources whose creation was cut short
 */
public record AdHocUpdate(String name, Operation operation, boolean targeted, boolean remedy) {

    /** One that is no remedy. */
    public AdHocUpdate(String name, Operation operation, boolean targeted) {
        this(name, operation, targeted, false);
    }
}
