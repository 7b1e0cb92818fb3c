package io.stackwright.operator.leading;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The real CLI in a wrapper that logs start, end and each SIGTERM of every process, in one log for all operators. A
 * command that is held starts, and becomes the CLI only when it is released or asked to stop.
 */
final class LoggedPulumi {

    private static final String WRAPPER = """
        #!/bin/sh
        operator=$1; shift
        stack=none
        for argument in "$@"; do
          case "$argument" in */*/*) stack=${argument##*/};; esac
        done
        what="$1 $2"
        note() { echo "$(date +%%s%%N) $1 $$ $operator $stack $what" >> '%1$s'; }
        child=; stopped=
        trap 'note term; stopped=yes; [ -z "$child" ] || kill -TERM "$child"' TERM
        note start
        held='%2$s'/$stack.$1
        while [ -e "$held" ]; do
          [ -n "$stopped" ] && [ ! -s "$held" ] && break
          sleep 0.05
        done
        if [ -n "$stopped" ]; then note end; exit 1; fi
        '%3$s' "$@" &
        child=$!
        wait $child; code=$?
        while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
        note end
        exit $code
        """;

    private final Path folder;
    private final Path log;

    LoggedPulumi(Path folder) {
        this.folder = folder;
        this.log = folder.resolve("pulumi.log");
        RecordingCli.script(folder.resolve("logged-pulumi"), WRAPPER.formatted(log, folder, Toolchain.pulumi()));
    }

    /** The CLI of one operator, by whose name its processes are logged. */
    String command(String operator) {
        Path script = folder.resolve("pulumi-" + operator);
        RecordingCli.script(
                script, "#!/bin/sh\nexec '%s' %s \"$@\"\n".formatted(folder.resolve("logged-pulumi"), operator));
        return script.toString();
    }

    /** From now on commands of that first word on that stack wait at their start. */
    void hold(String stack, String command) {
        try {
            Files.createFile(folder.resolve(stack + "." + command));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same, and not even a request to stop ends the wait, as in the midst of a create. */
    void holdStubbornly(String stack, String command) {
        try {
            Files.writeString(folder.resolve(stack + "." + command), "stubborn");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void release(String stack, String command) {
        try {
            Files.deleteIfExists(folder.resolve(stack + "." + command));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One line of the log. */
    record Entry(long nanos, String event, long pid, String operator, String stack, String command) {}

    List<Entry> entries() {
        if (!Files.exists(log)) {
            return List.of();
        }
        try {
            return Files.readAllLines(log).stream()
                    .map(line -> line.split(" ", 6))
                    .map(words -> new Entry(
                            Long.parseLong(words[0]), words[1], Long.parseLong(words[2]), words[3], words[4], words[5]))
                    .sorted(Comparator.comparingLong(Entry::nanos))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Entry> entries(String event, String operator, String stack) {
        return entries().stream()
                .filter(entry -> entry.event().equals(event))
                .filter(entry -> entry.operator().equals(operator))
                .filter(entry -> entry.stack().equals(stack))
                .toList();
    }

    /** On each stack one process started only after the one before had ended, whoever started it. */
    void assertNoOverlap() {
        Map<String, Entry> open = new HashMap<>();
        List<String> overlaps = new ArrayList<>();
        for (Entry entry : entries()) {
            if (entry.stack().equals("none") || entry.event().equals("term")) {
                continue;
            }
            if (entry.event().equals("end")) {
                open.remove(entry.stack());
            } else {
                Entry before = open.put(entry.stack(), entry);
                if (before != null) {
                    overlaps.add(before + " overlaps " + entry);
                }
            }
        }
        assertThat(overlaps).isEmpty();
    }
}
