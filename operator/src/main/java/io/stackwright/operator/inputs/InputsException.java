package io.stackwright.operator.inputs;

import io.stackwright.api.v1alpha1.Reason;

/**
 * Inputs that cannot be used as they are. The message names the field, the problem and the remedy, never a value.
 */
public final class InputsException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public InputsException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** A value or key that nothing but an edit can repair. */
    static InputsException invalid(String message) {
        return new InputsException(Reason.InputsInvalid, message);
    }

    /** A committed settings file that contradicts the Stack. */
    static InputsException conflict(String message) {
        return new InputsException(Reason.SettingsConflict, message);
    }

    /** {@code InputsInvalid} or {@code SettingsConflict}. */
    public Reason reason() {
        return reason;
    }
}
