package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;

/** What is known of the other Stacks that this operator sees. */
interface StackDirectory {

    /** Whether a Stack with that uid exists. */
    boolean exists(String uid);

    /** Whether a Stack other than the one with that uid has pinned the identity. */
    boolean isPinnedByAnother(StackIdentity identity, String uid);
}
