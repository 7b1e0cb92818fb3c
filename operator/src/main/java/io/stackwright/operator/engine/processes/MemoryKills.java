package io.stackwright.operator.engine.processes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How many processes the kernel has killed in this container for want of memory.
 *
 * <p>Nothing else tells: the CLI says of a program or a provider that it ended, and not why. The kernel counts in the
 * memory controller's {@code memory.events} (cgroup v2) or {@code memory.oom_control} (v1), both as {@code oom_kill <n>}.
 * Without either, as on other systems, nothing is ever told.
 */
public final class MemoryKills {

    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final String COUNTER = "oom_kill ";

    private final List<Path> files;

    public MemoryKills() {
        this(CGROUPS);
    }

    /** @param cgroups where the kernel's control groups are mounted */
    public MemoryKills(Path cgroups) {
        this.files = List.of(cgroups.resolve("memory.events"), cgroups.resolve("memory/memory.oom_control"));
    }

    /** Since the container was started; 0 where nobody counts. */
    public long count() {
        for (Path file : files) {
            try {
                for (String line : Files.readAllLines(file)) {
                    if (line.startsWith(COUNTER)) {
                        return Long.parseLong(line.substring(COUNTER.length()).strip());
                    }
                }
            } catch (IOException | NumberFormatException e) {
                // The other version's file, or none.
            }
        }
        return 0;
    }
}
