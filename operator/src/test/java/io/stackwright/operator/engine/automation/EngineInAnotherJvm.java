package io.stackwright.operator.engine.automation;

import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.engine.StackId;
import io.stackwright.operator.engine.Workspace;
import java.nio.file.Path;

/** Runs one update, so that a test can kill the operator in the middle of it. */
final class EngineInAnotherJvm {

    private EngineInAnotherJvm() {}

    /** Arguments: CLI, working directory, scratch folder; the environment is the stack's. */
    public static void main(String[] args) {
        Workspace workspace = new Workspace(
                Path.of(args[1]), new StackId("organization", "p", "dev"), System.getenv(), Path.of(args[2]));
        new AutomationEngine(args[0])
                .up(workspace, OperationOptions.defaults(), (progress, changes) -> {}, new CancelToken());
    }
}
