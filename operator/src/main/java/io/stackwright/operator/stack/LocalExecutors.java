package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Proof of death for embedded executors.
 *
 * <p>An operator holds its data directory for as long as it lives: whoever holds that directory now knows that an
 * earlier holder is gone, wherever it ran. Otherwise only a process of this host can be proven dead. The commands that a
 * dead operator started are another matter: they may outlive it, and what is seen of them is waited for.
 */
final class LocalExecutors implements Runs.Executors {

    private final ExecutorStatus self;
    private final Function<String, Optional<String>> strays;
    private final Function<String, Optional<String>> abandoned;
    private final LinuxProcesses processes;

    /**
     * Creates it. Both functions take the uid of an Update.
     *
     * @param strays tells what still lives of a run that was recorded in our data directory
     * @param abandoned tells what can be seen on this host of a run that was recorded in another one
     */
    LocalExecutors(
            ExecutorStatus self,
            Function<String, Optional<String>> strays,
            Function<String, Optional<String>> abandoned) {
        this(self, strays, abandoned, new LinuxProcesses());
    }

    LocalExecutors(
            ExecutorStatus self,
            Function<String, Optional<String>> strays,
            Function<String, Optional<String>> abandoned,
            LinuxProcesses processes) {
        this.self = self;
        this.strays = strays;
        this.abandoned = abandoned;
        this.processes = processes;
    }

    @Override
    public ExecutorStatus self() {
        return self;
    }

    @Override
    public boolean isOwn(ExecutorStatus executor) {
        return self.instance().equals(executor.instance());
    }

    @Override
    public Optional<Runs.Doubt> doubt(String updateUid, ExecutorStatus other) {
        return operator(other)
                .or(() -> (isHeldByUs(other) ? strays : abandoned)
                        .apply(updateUid)
                        .map(why -> new Runs.Doubt("operator " + other.instance() + " is gone; " + why, false)));
    }

    private Optional<Runs.Doubt> operator(ExecutorStatus other) {
        if (isHeldByUs(other) || other.instance().equals(self.instance())) {
            return Optional.empty();
        }
        // Pods that use the network of their host share its name, and each of them counts its processes from 1.
        boolean visible = self.host().equals(other.host()) && Objects.equals(self.pidScope(), other.pidScope());
        if (!visible || other.pid() == null) {
            return Optional.of(new Runs.Doubt(
                    "operator " + other.instance() + " on host " + other.host()
                            + " ran it with another data directory; it cannot be seen from here whether that one has"
                            + " ended",
                    true));
        }
        // There are no two processes with one pid.
        if (other.pid().equals(self.pid())) {
            return Optional.empty();
        }
        String process = "the operator process " + other.pid() + " on host " + other.host() + " that runs it ";
        try {
            return isAlive(other.pid()) && isJava(other.pid())
                    ? Optional.of(new Runs.Doubt(process + "is still alive", false))
                    : Optional.empty();
        } catch (UncheckedIOException e) {
            return Optional.of(new Runs.Doubt(
                    process + "cannot be looked at, which is tried again: "
                            + e.getCause().getMessage(),
                    false));
        }
    }

    /** Java's own answer is no, too, when there are no file descriptors to look with. */
    private boolean isAlive(long pid) {
        return processes.available()
                ? processes.find(pid).isPresent()
                : ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    private boolean isHeldByUs(ExecutorStatus other) {
        return other.dataDirectory() != null && other.dataDirectory().equals(self.dataDirectory());
    }

    private static boolean isJava(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().command())
                .map(command -> command.endsWith("java"))
                .orElse(true);
    }
}
