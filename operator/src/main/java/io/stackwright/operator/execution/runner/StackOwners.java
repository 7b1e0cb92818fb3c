package io.stackwright.operator.execution.runner;

/** Tells whose mark on a Pulumi stack still stands for a living Stack object. */
public interface StackOwners {

    /** Random id of this installation of the operator, kept as long as its Secret lives. */
    String installation();

    /** Whether no Stack with that uid lives any more; false for namespaces that this operator does not see. */
    boolean isGone(String namespace, String stackUid);
}
