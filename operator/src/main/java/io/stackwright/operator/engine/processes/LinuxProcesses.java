package io.stackwright.operator.engine.processes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The processes that this one can see, read from {@code /proc}.
 *
 * <p>A pid alone names nobody for long; together with the time at which the process started it does. Zombies count as
 * dead. Without {@code /proc} nothing is seen.
 */
public final class LinuxProcesses {

    private static final int STATE = 0;
    private static final int SESSION = 3;
    private static final int START_TICKS = 19;

    private final Path proc;

    public LinuxProcesses() {
        this(Path.of("/proc"));
    }

    LinuxProcesses(Path proc) {
        this.proc = proc;
    }

    /**
     * A process.
     *
     * @param session pid of the process that leads, or led, its session
     * @param startTicks when it started, in the kernel's ticks since the machine did
     */
    public record Seen(long pid, long session, long startTicks) {}

    /** Whether there is anything to look at. */
    public boolean available() {
        return Files.isReadable(proc.resolve("self/stat"));
    }

    /**
     * What pids are counted in: the boot of the machine and the namespace of pids. Processes recorded in another one
     * cannot be seen from here.
     */
    public String scope() {
        try {
            String boot = Files.readString(proc.resolve("sys/kernel/random/boot_id"));
            return boot.strip() + " " + Files.readSymbolicLink(proc.resolve("self/ns/pid"));
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    /** The name that Pulumi writes into its locks; empty when it cannot be told. */
    public String hostName() {
        try {
            return Files.readString(proc.resolve("sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** The living process with this pid. */
    public Optional<Seen> find(long pid) {
        return read(proc.resolve(Long.toString(pid)));
    }

    /** Living processes of the session, its leader too. */
    public List<Seen> session(long leader) {
        return all().stream().filter(process -> process.session() == leader).toList();
    }

    /** All living processes. */
    public List<Seen> all() {
        List<Seen> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            processes.forEach(process -> read(process).ifPresent(found::add));
        } catch (IOException e) {
            return found;
        }
        return found;
    }

    /**
     * Its environment, one variable a line; empty when it may not be read, or when the process has overwritten it.
     */
    public String environment(long pid) {
        try {
            byte[] text = Files.readAllBytes(proc.resolve(Long.toString(pid)).resolve("environ"));
            return new String(text, StandardCharsets.UTF_8).replace('\0', '\n');
        } catch (IOException | SecurityException e) {
            return "";
        }
    }

    private static Optional<Seen> read(Path process) {
        try {
            return parse(Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty(); // It ended while we looked.
        }
    }

    /** A line of {@code /proc/<pid>/stat}; empty when it is torn, or of a zombie. */
    static Optional<Seen> parse(String stat) {
        try {
            // The name, in parentheses, may hold anything; fields are counted after it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ");
            boolean dead = fields[STATE].equals("Z") || fields[STATE].equals("X");
            long pid = Long.parseLong(stat.substring(0, stat.indexOf(' ')));
            return dead
                    ? Optional.empty()
                    : Optional.of(new Seen(pid, Long.parseLong(fields[SESSION]), Long.parseLong(fields[START_TICKS])));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }
}
