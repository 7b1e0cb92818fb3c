package io.stackwright.operator.execution;

/** The order among waiting runs: what somebody waits for goes before what happens by itself. */
final class RunRank {

    private RunRank() {}

    static int of(RunRequest request) {
        return switch (request.cause()) {
            case Verify -> 2;
            case Retry -> 1;
            case null, default -> 0;
        };
    }
}
