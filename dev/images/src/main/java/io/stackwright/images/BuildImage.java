package io.stackwright.images;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the image builder. */
@Command(
        name = "stackwright-images",
        mixinStandardHelpOptions = true,
        subcommands = {RuntimeCommand.class, OperatorImageCommand.class},
        description = "Builds the image of the operator without a Docker daemon.")
public final class BuildImage {

    private BuildImage() {}

    public static void main(String[] arguments) {
        CommandLine commandLine = new CommandLine(new BuildImage());
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("images: " + messages(failure));
            return CommandLine.ExitCode.SOFTWARE;
        });
        System.exit(commandLine.execute(arguments));
    }

    /** What went wrong, outermost first: registries tell their part at the end of the chain. */
    private static String messages(Throwable failure) {
        StringBuilder all = new StringBuilder(String.valueOf(failure.getMessage()));
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            all.append(": ").append(cause.getMessage());
        }
        return all.toString();
    }
}
