package io.stackwright.api.v1alpha1;

/** What is done about a resource whose creation was cut short, so that nobody knows whether it exists. */
public enum OnPendingCreate {
    /** Nothing is run until a person says what has become of it. */
    Stall,
    /** It is forgotten: an Up creates it again; what was created before stays in the cloud, unmanaged. */
    Clear
}
