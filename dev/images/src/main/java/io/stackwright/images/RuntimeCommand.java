package io.stackwright.images;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the Java runtime of the image. */
@Command(
        name = "runtime",
        description = "Links the Java runtime that goes into the image, from the JDK that runs this.")
final class RuntimeCommand implements Callable<Integer> {

    @Option(names = "--output", required = true, description = "The folder to make; kept as it is when it is right.")
    private Path output;

    @Option(
            names = "--jmods",
            description = "Modules of a JDK for another platform, of the same version as this one. Default: this JDK.")
    private Path jmods;

    @Override
    public Integer call() throws Exception {
        new JavaRuntime(jmods).link(output);
        return 0;
    }
}
