package io.stackwright.operator.stack;

/** What is known of the other Stacks that this operator sees. */
interface StackDirectory {

    /** Whether a Stack with that uid exists. */
    boolean exists(String uid);

    /** Whether a Stack other than the one with that uid has pinned the identity. */
    boolean isPinnedByAnother(String identityKey, String uid);
}
