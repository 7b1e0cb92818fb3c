package io.stackwright.operator.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * Python with Pulumi's SDK, for programs with resources that take their time, drift and fail.
 *
 * <p>Installed once into the cache that the toolchain uses.
 */
public final class PythonPulumi {

    private static final String SDK = "pulumi==3.272.0";

    private PythonPulumi() {}

    /** The environment with this Python first on PATH. */
    public static Map<String, String> on(Map<String, String> environment) throws IOException, InterruptedException {
        environment.put("PATH", installed().resolve("bin") + ":" + environment.get("PATH"));
        return environment;
    }

    /** The program {@code files.py} in a project folder, with a settings file. */
    public static Workspace program(RealPulumi pulumi, String project, String stack, Map<String, String> environment)
            throws IOException {
        pulumi.program(project, stack, "runtime: python\n");
        Workspace workspace = pulumi.workspace(project, stack, environment);
        try (InputStream source = PythonPulumi.class.getResourceAsStream("files.py")) {
            Files.copy(source, workspace.directory().resolve("__main__.py"), StandardCopyOption.REPLACE_EXISTING);
        }
        return workspace;
    }

    /** One thread at a time, and by the lock one JVM: a JVM may not wait for a file lock that it holds itself. */
    private static synchronized Path installed() throws IOException, InterruptedException {
        Path cache = cache();
        Path venv = cache.resolve("python-" + SDK.replaceAll("[^a-z0-9.]+", "-"));
        Path lockFile = Files.createDirectories(cache).resolve("python.lock");
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (lock.isValid() && !Files.isDirectory(venv)) {
                Path aside = Files.createTempDirectory(cache, "python-");
                execute(List.of("python3", "-m", "venv", aside.toString()));
                execute(List.of(aside.resolve("bin/python").toString(), "-m", "pip", "install", "-q", SDK));
                Files.move(aside, venv, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return venv;
    }

    private static Path cache() {
        String own = System.getenv("STACKWRIGHT_CACHE");
        if (own != null) {
            return Path.of(own, "test");
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg != null ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("stackwright/test");
    }

    private static void execute(List<String> command) throws IOException, InterruptedException {
        int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (exit != 0) {
            throw new IOException(command + " exited with " + exit);
        }
    }
}
