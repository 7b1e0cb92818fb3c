package io.stackwright.api.v1alpha1;

/** What deleting a Stack object does to its resources. */
public enum DeletionPolicy {
    /** Destroy the resources, then remove the Pulumi stack from its backend. */
    Destroy,
    /** Leave the resources and the Pulumi stack as they are. */
    Retain
}
