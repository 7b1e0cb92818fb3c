package io.stackwright.operator.execution.job;

import io.stackwright.operator.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The runner in a process of its own, with the classes of the test.
 *
 * <p>One that is started {@link #asPod as a pod} has a host name of its own, which Pulumi writes into locks, sees no other
 * processes, and takes all that it has started with it when it ends.
 */
public final class JobProcess implements AutoCloseable {

    /** As a pod has it. */
    private static final String HEAP = "-Xmx128m";

    private final Process process;
    private final boolean contained;
    private final Path log;
    private final Path work;

    private JobProcess(Process process, boolean contained, Path log, Path work) {
        this.process = process;
        this.contained = contained;
        this.log = log;
        this.work = work;
    }

    static JobProcess start(Path mount, Path work, Path temporary, Map<String, String> environment) {
        return start(List.of(), mount, work, temporary, environment);
    }

    /** In namespaces of its own, as far as a pod's matter to a run. */
    static JobProcess asPod(String host, Path mount, Path work, Path temporary, Map<String, String> environment) {
        List<String> container =
                new ArrayList<>(List.of("unshare", "--fork", "--kill-child=KILL", "--pid", "--mount-proc", "--uts"));
        if (!System.getProperty("user.name").equals("root")) {
            container.add("--map-root-user");
        }
        container.addAll(List.of("sh", "-c", "hostname \"$0\" && exec \"$@\"", host));
        return start(container, mount, work, temporary, environment);
    }

    private static JobProcess start(
            List<String> container, Path mount, Path work, Path temporary, Map<String, String> environment) {
        List<String> command = new ArrayList<>(container);
        command.addAll(JavaProcess.command(
                RunnerMain.class, HEAP, "-Djdk.reflect.useNativeAccessorOnly=true", "-Djava.io.tmpdir=" + temporary));
        command.addAll(List.of(mount.toString(), work.toString()));
        Path log = work.resolveSibling(work.getFileName() + ".log");
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            return new JobProcess(
                    builder.redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start(),
                    !container.isEmpty(),
                    log,
                    work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The end; fails a test that waits for too long. */
    public int await() {
        try {
            if (!process.waitFor(180, TimeUnit.SECONDS)) {
                throw new AssertionError("the runner does not end:\n" + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The end, however long it takes. */
    int awaitEnd() throws InterruptedException {
        return process.waitFor();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** SIGTERM; returns at once. */
    public void terminate() {
        runner().destroy();
    }

    /** All that it has printed. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path work() {
        return work;
    }

    @Override
    public void close() {
        runner().destroyForcibly();
    }

    /** Not what has made the namespaces: that ends with its child, which ends when all others in them have. */
    private ProcessHandle runner() {
        ProcessHandle started = process.toHandle();
        while (contained && process.isAlive()) {
            Optional<ProcessHandle> child = started.children().findFirst();
            if (child.isPresent()) {
                return child.get();
            }
            Thread.yield();
        }
        return started;
    }
}
