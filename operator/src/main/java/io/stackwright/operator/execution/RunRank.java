package io.stackwright.operator.execution;

/**
 * The order among waiting runs: what a person has just asked of one Stack goes before what may befall many Stacks at once,
 * when they are restored from a backup or when a repository that they share has a new commit, and that before what happens
 * by itself.
 */
final class RunRank {

    private RunRank() {}

    static int of(RunRequest request) {
        return switch (request.cause()) {
            case Verify -> 3;
            case Retry -> 2;
            case FirstRun, SourceChanged, InputsChanged -> 1;
            case null, default -> 0;
        };
    }
}
