package io.stackwright.operator.inputs;

import io.stackwright.api.v1alpha1.Reason;

/** Whether a Stack's references can be resolved now. */
public sealed interface InputsState {

    /** All there. */
    record Ready(ResolvedInputs inputs) implements InputsState {}

    /**
     * Something does not exist yet ({@code InputsNotReady}) or cannot be used ({@code InputsInvalid}).
     *
     * @param message names field, object and key, never a value, and the remedy
     */
    record NotReady(Reason reason, String message) implements InputsState {}
}
