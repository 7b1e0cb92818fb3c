package io.stackwright.operator;

import io.stackwright.testkit.Toolchain;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Java as tests start it for processes of their own: the operator's classes as they are packaged, mostly out of an archive
 * that the build makes of them, which takes away a third of what a start costs.
 */
public final class JavaProcess {

    /**
     * Compiles quickly what does not run for long, as {@code -XX:TieredStopAtLevel=1} does, but for the digest behind
     * Pulumi's keys: a million rounds of it take 4 s of processor time without the compiler that knows the processor's own
     * instructions for it, and less than 1 s with it.
     */
    private static final Path DIRECTIVES =
            Toolchain.root().resolve("operator/src/test/resources/compiler-directives.json");

    private JavaProcess() {}

    /**
     * The command line up to the name of the main class.
     *
     * @param main one of the operator's or of the tests'
     * @param options of Java, beside those that let it start soon
     */
    public static List<String> command(Class<?> main, String... options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:CompilerDirectivesFile=" + DIRECTIVES,
                "-Xmx256m"));
        archive().ifPresent(archive -> command.add("-XX:SharedArchiveFile=" + archive));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath(), main.getName()));
        return command;
    }

    /** A process to be, of that class with these arguments. */
    public static ProcessBuilder builder(Class<?> main, String... arguments) {
        List<String> command = command(main);
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    /** An archive is good for a class path that begins as the one that it was made of. */
    private static String classPath() {
        return operator() + ":" + System.getProperty("java.class.path");
    }

    /** None with an editor, which runs tests on folders of classes. */
    private static Optional<Path> archive() {
        Path archive = operator().resolveSibling("classes.jsa");
        return Optional.of(archive).filter(file -> Files.isRegularFile(operator()) && Files.exists(file));
    }

    /** The jar or folder of the operator's classes. */
    private static Path operator() {
        try {
            return Path.of(OperatorMain.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
