package io.stackwright.api.v1alpha1;

/** A Pulumi operation. */
public enum Operation {
    /** Make the resources as the program declares them. */
    Up,
    /** Show what Up would do. */
    Preview,
    /** Read the resources' real state into Pulumi's. */
    Refresh,
    /** Delete the resources, then remove the stack from its backend. */
    Destroy
}
