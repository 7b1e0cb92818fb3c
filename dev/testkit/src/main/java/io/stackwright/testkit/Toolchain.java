package io.stackwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

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
        try {
            Process process = new ProcessBuilder(root().resolve(BOOTSTRAP).toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process.getOutputStream().close();
            String folder = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int exit = process.waitFor();
            if (exit != 0 || folder.isEmpty()) {
                throw new IllegalStateException(BOOTSTRAP + " ended with exit code " + exit + "; see its messages");
            }
            return Path.of(folder, "bin");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for " + BOOTSTRAP, e);
        }
    }

    /** Delays the script until a tool is asked for. */
    private static final class Tools {
        static final Path BIN = bootstrap();
    }
}
