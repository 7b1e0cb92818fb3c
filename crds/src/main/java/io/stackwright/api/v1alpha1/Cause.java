package io.stackwright.api.v1alpha1;

/** Why an Update exists. */
public enum Cause {
    /** The Stack was never applied. */
    FirstRun,
    /** The Stack's spec changed. */
    SpecChanged,
    /** The source has a new revision. */
    SourceChanged,
    /** A referenced Secret or ConfigMap changed. */
    InputsChanged,
    /** The run before failed. */
    Retry,
    /** A person or tool asked for it. */
    Requested,
    /** The Stack is being deleted. */
    Deletion,
    /** A preview looks whether what is applied still is wanted: the fingerprint's key or Pulumi's version is another. */
    Verify
}
