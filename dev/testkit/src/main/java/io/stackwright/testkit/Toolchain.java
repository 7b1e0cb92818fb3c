package io.stackwright.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The tools that {@code dev/toolchain/bootstrap} provides: the Pulumi CLI with its language hosts, etcd,
 * kube-apiserver and kubectl.
 *
 * <p>The script runs once per JVM; it returns at once when the tools are in the cache.
 */
public final class Toolchain {

    private static final String BOOTSTRAP = "dev/toolchain/bootstrap";

    private Toolchain() {}

    /**
     * The root of the checkout: the nearest folder, from the working directory upwards, that has the bootstrap script.
     *
     * @throws IllegalStateException when the working directory is not inside a checkout
     */
    public static Path root() {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isExecutable(folder.resolve(BOOTSTRAP))) {
                return folder;
            }
        }
        throw new IllegalStateException("No " + BOOTSTRAP + " in " + start + " or a folder above it");
    }

    /** The folder with all tools, fit for the front of a {@code PATH}. */
    public static Path bin() {
        return Tools.BIN;
    }

    /** The Pulumi CLI. */
    public static Path pulumi() {
        return bin().resolve("pulumi");
    }

    /** The kubectl CLI. */
    public static Path kubectl() {
        return bin().resolve("kubectl");
    }

    private static Path bootstrap() {
        return Path.of(Run.command(List.of(root().resolve(BOOTSTRAP).toString())), "bin");
    }

    /** Delays the script until a tool is asked for. */
    private static final class Tools {
        static final Path BIN = bootstrap();
    }
}
