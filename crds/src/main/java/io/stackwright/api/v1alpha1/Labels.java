package io.stackwright.api.v1alpha1;

/** Labels of the objects that the operator makes: what an object belongs to is told by them, not by its name. */
public final class Labels {

    /** Who made the object; {@link #MANAGER}. */
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";

    /** Value of {@link #MANAGED_BY}. */
    public static final String MANAGER = "stackwright";

    /** Name of the Stack. */
    public static final String STACK = "stackwright.io/stack";

    /** Uid of the Stack: the proof that an object is this one's, not that of another Stack of its name. */
    public static final String STACK_UID = "stackwright.io/stack-uid";

    /** Name of the Update, on what belongs to one run. */
    public static final String UPDATE = "stackwright.io/update";

    /** Uid of the Update, on what belongs to one run and goes with it. */
    public static final String UPDATE_UID = "stackwright.io/update-uid";

    private Labels() {}
}
