package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.ExecutorStatus;
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
        this.self = self;
        this.strays = strays;
        this.abandoned = abandoned;
    }

    @Override
    public ExecutorStatus self() {
        return self;
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
        return ProcessHandle.of(other.pid())
                .filter(ProcessHandle::isAlive)
                .filter(LocalExecutors::isJava)
                .map(process -> new Runs.Doubt(
                        "the operator process " + other.pid() + " on host " + other.host()
                                + " that runs it is still alive",
                        false));
    }

    private boolean isHeldByUs(ExecutorStatus other) {
        return other.dataDirectory() != null && other.dataDirectory().equals(self.dataDirectory());
    }

    private static boolean isJava(ProcessHandle process) {
        return process.info().command().map(command -> command.endsWith("java")).orElse(true);
    }
}
