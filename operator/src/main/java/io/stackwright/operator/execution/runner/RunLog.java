package io.stackwright.operator.execution.runner;

import io.stackwright.operator.execution.RunRequest.RunKey;
import java.util.Optional;

/** Keeps what the CLI said in a run for people. */
@FunctionalInterface
public interface RunLog {

    /**
     * Keeps it; never throws.
     *
     * @param text redacted and bounded; may be blank
     * @return where it is to be found; empty when it was not kept
     */
    Optional<String> keep(RunKey run, String text);
}
