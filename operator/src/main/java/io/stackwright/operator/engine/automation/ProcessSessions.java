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
    private final LinuxProcesses processes;

    ProcessSessions(Optional<Path> setsid) {
        this(setsid, new LinuxProcesses());
    }

    ProcessSessions(Optional<Path> setsid, LinuxProcesses processes) {
        this.setsid = setsid;
        this.processes = processes;
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

    /** Living processes of the session that the process leads, or led, without that process. */
    List<ProcessHandle> members(Process leader) {
        if (setsid.isEmpty()) {
            return List.of();
        }
        boolean over = !leader.isAlive();
        List<LinuxProcesses.Seen> session = processes.session(leader.pid());
        // The kernel gives a pid to nobody while a session of that name has members: then it has none.
        boolean reused = over && session.stream().anyMatch(process -> process.pid() == leader.pid());
        return (reused ? List.<LinuxProcesses.Seen>of() : session)
                .stream()
                        .filter(process -> process.pid() != leader.pid())
                        .flatMap(process -> ProcessHandle.of(process.pid()).stream())
                        .toList();
    }
}
