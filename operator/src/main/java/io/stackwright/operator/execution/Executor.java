package io.stackwright.operator.execution;

/** Runs Updates; every call returns at once. The Stack is woken when a run changes its state. */
public interface Executor extends AutoCloseable {

    /** Takes a run; a second request for the same Update changes nothing. */
    void submit(RunRequest request);

    /** What is known of the Update with that uid. */
    RunState state(String updateUid);

    /** Asks the run to stop; one that still waits ends as cancelled without having started. */
    void cancel(String updateUid);

    /** The end of the run has been recorded: forget it. */
    void acknowledge(String updateUid);

    /** Takes no more runs, asks the present ones to stop, waits for their end within the operator's grace. */
    @Override
    void close();
}
