package io.stackwright.operator.engine.automation;

/** Hears of every process of the CLI, on the thread that runs it. */
@FunctionalInterface
public interface CliListener {

    /**
     * A process is about to be started.
     *
     * @param command without flags and arguments, for example {@code stack init}
     * @throws RuntimeException when it must not be; it is not started then
     */
    void starts(String command);

    /** A process that was about to be started has ended, or could not be started. */
    default void ended() {}
}
