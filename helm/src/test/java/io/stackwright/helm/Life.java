package io.stackwright.helm;

/** What Stacks of one namespace go through, so that the operator does each kind of thing that it ever does. */
interface Life {

    /** What an operator finds that comes anew. */
    default void before() {}

    /** Needs an operator. */
    void live();
}
