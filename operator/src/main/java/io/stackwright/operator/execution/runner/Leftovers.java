package io.stackwright.operator.execution.runner;

import io.stackwright.operator.engine.processes.LinuxProcesses;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes that outlive the run they belong to, in whatever session: daemons that a program has started. They are known
 * by the run's own PULUMI_HOME in their environment, which no Stack can set; one that takes it out is not found.
 */
final class Leftovers {

    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    /** A process that is killed may have started another one just before. */
    private static final int ROUNDS = 20;

    private static final Duration PAUSE = Duration.ofMillis(100);

    private final LinuxProcesses processes = new LinuxProcesses();
    private final String variable;

    Leftovers(Path pulumiHome) {
        this.variable = "PULUMI_HOME=" + pulumiHome;
    }

    /** Kills them all; only once the CLI has ended, which alone can record what its providers do. */
    void kill() {
        for (int round = 0; round < ROUNDS; round++) {
            Optional<List<ProcessHandle>> found = look();
            if (found.isEmpty()) {
                LockSupport.parkNanos(PAUSE.toNanos());
                continue;
            }
            List<ProcessHandle> left = found.get();
            if (left.isEmpty()) {
                return;
            }
            LOG.atWarn().addKeyValue("processes", left.size()).log("processes that a run has left behind are killed");
            left.forEach(ProcessHandle::destroyForcibly);
            left.forEach(process -> process.onExit()
                    .completeOnTimeout(process, PAUSE.toMillis(), TimeUnit.MILLISECONDS)
                    .join());
        }
    }

    /** Empty when they cannot be looked at now. */
    private Optional<List<ProcessHandle>> look() {
        try {
            return Optional.of(processes.all().stream()
                    .filter(process -> belongs(process.pid()))
                    .flatMap(process -> ProcessHandle.of(process.pid()).stream())
                    .toList());
        } catch (UncheckedIOException e) {
            LOG.atWarn().setCause(e).log("what a run has left behind cannot be looked at");
            return Optional.empty();
        }
    }

    private boolean belongs(long pid) {
        return pid != ProcessHandle.current().pid()
                && processes.environment(pid).lines().anyMatch(variable::equals);
    }
}
