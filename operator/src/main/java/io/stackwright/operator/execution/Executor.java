package io.stackwright.operator.execution;

/** Runs Updates; every call returns at once. The Stack is woken when a run changes its state. */
public interface Executor extends AutoCloseable {

    /** Finds what earlier processes have started; before anything is asked. */
    default void start() {}

    /** Takes a run; a second request for the same Update changes nothing. */
    void submit(RunRequest request);

    /**
     * What is known of the run of the Update in that namespace, with that name and that uid. Whoever is to record its end
     * asks again and again until that is done: an end that nobody asks for is not kept.
     */
    RunState state(String namespace, String update, String updateUid);

    /** Whether it writes into an Update that it is running; else whoever looks after the Stack does. */
    default boolean showsRuns() {
        return true;
    }

    /** The Update says that the run has ended: its outcome may be there. */
    default void reported(String updateUid) {}

    /**
     * Takes back a run that waits for its turn and for nothing else, as if it had never been handed over; the next one of
     * its Stack gets its place.
     *
     * @return whether it was waiting; else nothing has changed
     */
    boolean withdraw(String updateUid);

    /** Asks the run to stop; one that still waits ends as cancelled without having started. */
    void cancel(String updateUid);

    /** The end of the run has been recorded: forget it. */
    void acknowledge(String updateUid);

    /** The Update is deleted: nobody can ask for its run any more. One that has not started is forgotten. */
    void gone(String updateUid);

    /**
     * Takes no more runs. Those that are processes of the operator are asked to stop, and waited for within its grace; the
     * others go on without it.
     */
    @Override
    void close();
}
