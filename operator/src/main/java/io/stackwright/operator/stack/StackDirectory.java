package io.stackwright.operator.stack;

/** What is known, without asking, of the other objects that this operator sees. */
interface StackDirectory {

    /** Whether a Stack with that uid exists. */
    boolean exists(String uid);

    /** Whether a Stack other than the one with that uid has pinned the identity. */
    boolean isPinnedByAnother(String identityKey, String uid);

    /** Whether there is a Secret of that name, as far as the watch has told. */
    boolean hasSecret(String namespace, String name);
}
