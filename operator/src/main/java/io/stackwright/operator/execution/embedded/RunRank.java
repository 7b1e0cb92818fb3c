package io.stackwright.operator.execution.embedded;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.operator.execution.RunRequest;

/** The order among waiting runs: what somebody waits for goes before what happens by itself. */
final class RunRank {

    private RunRank() {}

    static int of(RunRequest request) {
        return request.cause() == Cause.Retry ? 1 : 0;
    }
}
