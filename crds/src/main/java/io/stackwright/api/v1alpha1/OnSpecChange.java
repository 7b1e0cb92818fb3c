package io.stackwright.api.v1alpha1;

/** What becomes of an up in progress when it is no longer what is wanted. */
public enum OnSpecChange {
    /** It comes to its own end; then another one runs. */
    Wait,
    /** It is cancelled in good order; then another one runs. */
    Cancel
}
