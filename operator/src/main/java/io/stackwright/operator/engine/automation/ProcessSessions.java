package io.stackwright.operator.engine.automation;

import io.stackwright.operator.engine.processes.LinuxProcesses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sessions of processes: each CLI runs in one of its own, so that what it leaves behind can be found.
 *
 * <p>Plugins make process groups of their own and get another parent when the CLI dies; the session they keep. Without
 * {@code setsid} or {@code /proc} there are no sessions to look at, and nothing is found.
 */
final class ProcessSessions {

    private final Optional<Path> setsid;
    private final LinuxProcesses processes = new LinuxProcesses();

    ProcessSessions(Optional<Path> setsid) {
        this.setsid = setsid;
    }

    /** The command that runs the given one as leader of a session, in the same process. */
    List<String> inOwnSession(List<String> command) {
        // A child of the JVM leads no process group, so setsid executes the command without a fork: pids stay right.
        if (setsid.isEmpty()) {
            return command;
        }
        List<String> wrapped = new ArrayList<>();
        wrapped.add(setsid.get().toString());
        wrapped.addAll(command);
        return wrapped;
    }

    /** Living processes of the session that the process with this id leads, or led, without that process. */
    List<ProcessHandle> members(long leader) {
        if (setsid.isEmpty()) {
            return List.of();
        }
        return processes.session(leader).stream()
                .filter(process -> process.pid() != leader)
                .flatMap(process -> ProcessHandle.of(process.pid()).stream())
                .toList();
    }
}
