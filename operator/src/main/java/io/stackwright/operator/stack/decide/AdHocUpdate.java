package io.stackwright.operator.stack.decide;

import io.stackwright.api.v1alpha1.Operation;

/** An Update that a person made and that waits for its turn. */
public record AdHocUpdate(String name, Operation operation, boolean targeted) {}
