package io.stackwright.operator.faults;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Processes of this machine, by their ids. */
final class Processes {

    private static final Path PROC = Path.of("/proc");
    private static final int SESSION_FIELD = 3;

    private Processes() {}

    /** A zombie is not alive. */
    static boolean isAlive(long pid) {
        String[] fields = stat(pid);
        return fields.length > 0 && !fields[0].equals("Z");
    }

    /**
     * SIGKILL, and the end of each of them.
     *
     * @return how many were alive
     */
    static int kill(List<Long> pids) {
        List<Long> killed = pids.stream()
                .filter(Processes::isAlive)
                .filter(pid -> ProcessHandle.of(pid)
                        .filter(ProcessHandle::destroyForcibly)
                        .isPresent())
                .toList();
        await().atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> pids.stream().noneMatch(Processes::isAlive));
        return killed.size();
    }

    /** All processes of the sessions that these processes lead or led. */
    static List<Long> ofSessions(Set<Long> leaders) {
        List<Long> members = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                String[] fields = stat(pid);
                if (fields.length > SESSION_FIELD && leaders.contains(Long.parseLong(fields[SESSION_FIELD]))) {
                    members.add(pid);
                }
            }
        } catch (IOException e) {
            return members;
        }
        return members;
    }

    /** Living processes whose environment holds the text. */
    static List<Long> withEnvironment(String text) {
        return numbers().filter(pid -> environment(pid).contains(text)).toList();
    }

    /** Children of the process that have ended and that it has not asked about. */
    static long zombies(long parent) {
        return numbers()
                .map(Processes::stat)
                .filter(fields -> fields.length > SESSION_FIELD && fields[0].equals("Z"))
                .filter(fields -> Long.parseLong(fields[1]) == parent)
                .count();
    }

    /** Whether it leads a session. */
    static boolean leads(long pid) {
        String[] fields = stat(pid);
        return fields.length > SESSION_FIELD && Long.parseLong(fields[SESSION_FIELD]) == pid;
    }

    /** One variable a line; empty when there is no such process any more. */
    static String environment(long pid) {
        return lines(PROC.resolve(pid + "/environ"));
    }

    /** One argument a line; empty when there is no such process any more, or nobody has asked a dead one about its end. */
    static String commandLine(long pid) {
        return lines(PROC.resolve(pid + "/cmdline"));
    }

    private static String lines(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).replace('\0', '\n');
        } catch (IOException e) {
            return "";
        }
    }

    private static Stream<Long> numbers() {
        List<Long> numbers = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            processes.forEach(
                    process -> numbers.add(Long.parseLong(process.getFileName().toString())));
        } catch (IOException e) {
            return numbers.stream();
        }
        return numbers.stream();
    }

    /** Fields after the name; none when there is no such process. */
    private static String[] stat(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        } catch (IOException | RuntimeException e) {
            return new String[0];
        }
    }
}
