package io.stackwright.bench;

import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;

/** A wrapper around the Pulumi CLI that writes down when it starts and ends. It costs each run about 3 ms. */
final class CliLog {

    private final Path log;
    private final Path wrapper;

    /**
     * One line of the log.
     *
     * @param event {@code start} or {@code end}
     * @param command the first two arguments
     */
    record Line(Instant at, String event, String command) {}

    private CliLog(Path log, Path wrapper) {
        this.log = log;
        this.wrapper = wrapper;
    }

    static CliLog in(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path log = Files.createFile(folder.resolve("cli.log"));
        Path wrapper = folder.resolve("pulumi");
        // EPOCHREALTIME and printf are built in: no further process is started.
        Files.writeString(wrapper, """
            #!/usr/bin/env bash
            printf '%%s start %%s %%s\\n' "${EPOCHREALTIME/,/.}" "$1" "${2:-}" >> '%1$s'
            '%2$s' "$@"
            status=$?
            printf '%%s end %%s %%s\\n' "${EPOCHREALTIME/,/.}" "$1" "${2:-}" >> '%1$s'
            exit $status
            """.formatted(log, Toolchain.pulumi()));
        Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new CliLog(log, wrapper);
    }

    /** To be run instead of the CLI. */
    Path command() {
        return wrapper;
    }

    List<Line> since(Instant from) {
        try (var lines = Files.lines(log)) {
            return lines.map(CliLog::parse)
                    .filter(line -> !line.at().isBefore(from))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Line> startsSince(Instant from) {
        return since(from).stream().filter(line -> line.event().equals("start")).toList();
    }

    private static Line parse(String text) {
        String[] words = text.split(" ", 3);
        long micros = Long.parseLong(words[0].replace(".", ""));
        return new Line(
                Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000), words[1], words[2].strip());
    }
}
