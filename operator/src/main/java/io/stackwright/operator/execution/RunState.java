package io.stackwright.operator.execution;

/** What an executor knows of an Update. */
public sealed interface RunState {

    /** Never handed to it, or handed to another process before this one. */
    record Unknown() implements RunState {}

    /** Waits for its turn. */
    record Waiting() implements RunState {}

    /** Being worked on. */
    record Running() implements RunState {}

    /** Ended; kept until acknowledged. */
    record Ended(RunOutcome outcome) implements RunState {}
}
