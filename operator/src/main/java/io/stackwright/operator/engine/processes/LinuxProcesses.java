package io.stackwright.operator.engine.processes;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The processes that this one can see, read from {@code /proc}.
 *
 * <p>A pid alone names nobody for long; together with the time at which the process started it does. Zombies count as
 * dead. Without {@code /proc} nothing is seen.
 *
 * <p>What cannot be looked at, for want of file descriptors for example, is not taken for dead: each question throws an
 * {@link UncheckedIOException} then, and is to be asked again.
 */
public final class LinuxProcesses {

    private static final int STATE = 0;
    private static final int SESSION = 3;
    private static final int START_TICKS = 19;

    private final Path proc;

    /** They stay what they are while this process lives, so that later want of file descriptors does not matter. */
    private volatile String scope;

    private volatile String hostName;

    public LinuxProcesses() {
        this(Path.of("/proc"));
    }

    /** @param proc the folder in place of {@code /proc} */
    public LinuxProcesses(Path proc) {
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
     * cannot be seen from here. Empty where the kernel does not tell.
     */
    public String scope() {
        if (scope == null) {
            try {
                String boot = Files.readString(proc.resolve("sys/kernel/random/boot_id"));
                scope = boot.strip() + " " + Files.readSymbolicLink(proc.resolve("self/ns/pid"));
            } catch (NoSuchFileException | UnsupportedOperationException e) {
                scope = "";
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return scope;
    }

    /** The name that Pulumi writes into its locks; empty when it cannot be told. */
    public String hostName() {
        if (hostName == null) {
            try {
                hostName = Files.readString(proc.resolve("sys/kernel/hostname")).strip();
            } catch (NoSuchFileException e) {
                hostName = "";
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return hostName;
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
        } catch (NoSuchFileException e) {
            return List.of(); // There is no such folder on this machine.
        } catch (DirectoryIteratorException e) {
            throw new UncheckedIOException(e.getCause());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /**
     * Its environment, one variable a line; empty when the process is gone, when it is another user's, or when it has
     * been overwritten.
     */
    public String environment(long pid) {
        try {
            byte[] text = Files.readAllBytes(proc.resolve(Long.toString(pid)).resolve("environ"));
            return new String(text, StandardCharsets.UTF_8).replace('\0', '\n');
        } catch (NoSuchFileException | AccessDeniedException e) {
            return "";
        } catch (FileSystemException e) {
            if (canOpen(proc.resolve("self/stat"))) {
                return ""; // The kernel's own have none, nor has one that ends just now.
            }
            throw new UncheckedIOException(e); // No file can be opened now: that says nothing of the process.
        } catch (IOException e) {
            return "";
        }
    }

    private static boolean canOpen(Path file) {
        try (InputStream opened = Files.newInputStream(file)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<Seen> read(Path process) {
        try {
            return parse(Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            if (Files.notExists(process)) {
                return Optional.empty(); // It ended while we looked.
            }
            throw new UncheckedIOException(e);
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
