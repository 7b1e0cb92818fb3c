package io.stackwright.operator.engine.automation;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
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

    private static final Path PROC = Path.of("/proc");
    private static final int SESSION_FIELD = 3;

    private final Optional<Path> setsid;

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
        if (setsid.isEmpty() || !Files.isDirectory(PROC)) {
            return List.of();
        }
        List<ProcessHandle> members = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                if (pid != leader && session(process) == leader) {
                    ProcessHandle.of(pid).ifPresent(members::add);
                }
            }
        } catch (IOException e) {
            return members;
        }
        return members;
    }

    private static long session(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"));
            // The name, in parentheses, may hold anything; fields are counted after it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            boolean zombie = fields[0].equals("Z");
            return zombie ? -1 : Long.parseLong(fields[SESSION_FIELD]);
        } catch (IOException | RuntimeException e) {
            return -1; // It ended while we looked.
        }
    }
}
