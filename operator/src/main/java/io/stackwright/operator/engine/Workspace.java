package io.stackwright.operator.engine;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Where and with what the CLI runs for one stack.
 *
 * @param directory working directory: the project, or an empty folder for operations that need no program
 * @param stack the stack; passed to every command, never taken from selection state
 * @param environment the whole environment of the CLI, nothing is inherited: PATH, HOME, PULUMI_HOME,
 *     PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, what the Stack declares
 * @param scratch existing folder for our own files of this run (event log); not inside {@code directory}
 * @param mask takes secrets out of a text; applied before a text is cut, since half a secret cannot be found any more
 * @param record file in which each process is written down before it becomes the CLI, where that is possible: by it
 *     whoever comes after us knows what is left of a run. A CLI that cannot be written down is not run
 */
public record Workspace(
        Path directory,
        StackId stack,
        Map<String, String> environment,
        Path scratch,
        UnaryOperator<String> mask,
        Optional<Path> record) {

    public Workspace {
        environment = Map.copyOf(environment);
    }

    /** One whose texts need no masking, and whose processes are not written down. */
    public Workspace(Path directory, StackId stack, Map<String, String> environment, Path scratch) {
        this(directory, stack, environment, scratch, UnaryOperator.identity(), Optional.empty());
    }

    /** Environment values can be secret. */
    @Override
    public String toString() {
        return "Workspace[" + stack.qualified() + " in " + directory + "]";
    }
}
