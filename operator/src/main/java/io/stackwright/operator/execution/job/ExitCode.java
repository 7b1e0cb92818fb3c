package io.stackwright.operator.execution.job;

import io.stackwright.api.v1alpha1.RunStatus;
import java.util.Arrays;
import java.util.Optional;

/** How the Job's process ends; for people, and for the operator when nothing else has reached it. */
enum ExitCode {
    /** The run succeeded, and its outcome was reported. */
    SUCCEEDED(0, "it says that the run succeeded"),
    /** The run failed, and its outcome was reported. */
    FAILED(10, "it says that the run failed"),
    /** The run was stopped, and its outcome was reported. */
    STOPPED(11, "it says that the run was stopped"),
    /** The Update is not this pod's to run, or it was stopped before it began: nothing was done. */
    NOT_RUN(12, "nothing was done, because it was stopped before it began or could not claim the Update"),
    /** What it was given is missing or not understood: nothing was done. */
    NO_INPUT(13, "nothing was done, because its input was missing or not understood"),
    /** The run has ended, and its outcome could not be reported. */
    NOT_REPORTED(14, "the run ended, but its outcome could not be reported to the API server");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    int code() {
        return code;
    }

    /** What a code says to whoever has nothing else; empty when it is none of these. */
    static Optional<String> meaning(int code) {
        return Arrays.stream(values())
                .filter(exit -> exit.code == code)
                .map(exit -> exit.meaning + " (exit code " + code + ")")
                .findFirst();
    }

    static ExitCode of(RunStatus.Result result) {
        return switch (result) {
            case Succeeded -> SUCCEEDED;
            case Failed -> FAILED;
            case Cancelled, Interrupted -> STOPPED;
        };
    }
}
