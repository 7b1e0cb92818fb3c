package io.stackwright.operator.engine.processes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The file in which each process of a run stands before it does anything.
 *
 * <p>A small shell script writes the process down, then becomes the command: pid and start time stay. When it cannot
 * write, because the folder of the file is gone or the disk is full, the command is not run. When memory gets scarce, the
 * kernel is to take it and what it starts, a provider or a program, before the operator that they share a container with:
 * all runs would end with that. A line is either a
 * {@code /proc/<pid>/stat} or {@code asked <pid> <time>}: this one was sent its SIGTERM.
 */
public final class ProcessRecord {

    private static final Path SHELL = Path.of("/bin/sh");

    /** The file is {@code $0}, the command the rest. */
    private static final String SCRIPT = """
        { echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null
        if read -r stat </proc/self/stat && printf '%s\\n' "$stat" >>"$0"; then exec "$@"; fi
        echo "error: the record of this process cannot be written: $0" >&2
        exit 125
        """;

    private static final String ASKED = "asked ";

    private final Path file;

    public ProcessRecord(Path file) {
        this.file = file;
    }

    /** Whether this machine has what is needed to keep records. */
    public static boolean isSupported() {
        return Files.isExecutable(SHELL) && new LinuxProcesses().available();
    }

    /** The command that writes itself down in the file, then becomes the given one. */
    public List<String> recorded(List<String> command) {
        List<String> wrapped = new ArrayList<>(List.of(SHELL.toString(), "-c", SCRIPT, file.toString()));
        wrapped.addAll(command);
        return wrapped;
    }

    /**
     * Notes, before it is sent, that a process gets its SIGTERM: a second one would make it give up on the resource
     * operations that it is in the middle of, and whoever comes after us must not send it.
     */
    public void ask(long pid, Instant now) throws IOException {
        Files.writeString(file, ASKED + pid + " " + now + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /**
     * A recorded process.
     *
     * @param asked when it was sent its SIGTERM; empty when it was not
     */
    public record Recorded(long pid, long startTicks, Optional<Instant> asked) {}

    /** All that were recorded. A line that was cut short is left out: its command was never run. */
    public List<Recorded> read() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        Map<Long, Recorded> found = new TreeMap<>();
        Map<Long, Instant> asked = new HashMap<>();
        for (String line : Files.readString(file, StandardCharsets.ISO_8859_1).split("\n")) {
            if (line.startsWith(ASKED)) {
                asked(asked, line.split(" "));
            } else {
                LinuxProcesses.parse(line)
                        .ifPresent(process -> found.put(
                                process.pid(), new Recorded(process.pid(), process.startTicks(), Optional.empty())));
            }
        }
        found.replaceAll(
                (pid, process) -> new Recorded(pid, process.startTicks(), Optional.ofNullable(asked.get(pid))));
        return List.copyOf(found.values());
    }

    private static void asked(Map<Long, Instant> asked, String[] words) {
        try {
            asked.put(Long.parseLong(words[1]), Instant.parse(words[2]));
        } catch (RuntimeException e) {
            // Cut short: the signal, which comes after it, was not sent.
        }
    }
}
