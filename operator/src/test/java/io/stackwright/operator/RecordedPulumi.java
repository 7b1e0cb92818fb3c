package io.stackwright.operator;

import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A script that writes down with which arguments and environment it is called, then becomes the real CLI.
 *
 * <p>While it is held, calls wait before they become the CLI: runs take as long as a test wants them to. Questions for the
 * version, which a pod asks at each start, do not.
 */
public final class RecordedPulumi {

    private static final String SEPARATOR = "\0";

    private final Path script;
    private final Path calls;
    private final Path hold;

    private RecordedPulumi(Path folder) {
        this.script = folder.resolve("recorded-pulumi");
        this.calls = folder.resolve("recorded-calls");
        this.hold = folder.resolve("hold");
    }

    /** Makes the script in a folder, which must not be the operator's data directory: the records have all secrets. */
    public static RecordedPulumi in(Path folder) {
        RecordedPulumi recorded = new RecordedPulumi(folder);
        try {
            Files.createDirectories(recorded.calls);
            // One file per call, so that calls at the same time do not mix; in pods all have the same few numbers.
            Files.writeString(recorded.script, """
                #!/bin/sh
                read -r host < /proc/sys/kernel/hostname
                call='%1$s'/$host-$$
                /bin/cp /proc/$$/environ "$call.environment"
                printf '%%s\\000' "$@" > "$call.part"
                /bin/mv "$call.part" "$call.arguments"
                while [ "$1" != version ] && [ -e '%2$s' ]; do /bin/sleep 0.05; done
                exec '%3$s' "$@"
                """.formatted(recorded.calls, recorded.hold, Toolchain.pulumi()));
            Files.setPosixFilePermissions(recorded.script, PosixFilePermissions.fromString("rwxr-xr-x"));
            return recorded;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String command() {
        return script.toString();
    }

    /** One run of the CLI. */
    public record Call(List<String> arguments, Map<String, String> environment) {

        /** The words before the first flag: {@code up}, {@code stack tag set}. */
        public String command() {
            return String.join(
                    " ",
                    arguments.stream().takeWhile(word -> !word.startsWith("-")).toList());
        }
    }

    /** All calls so far, in the order of their start, without questions for the version. */
    public List<Call> calls() {
        try (Stream<Path> files = Files.list(calls)) {
            return files.filter(file -> file.toString().endsWith(".arguments"))
                    .sorted(Comparator.comparing(RecordedPulumi::time))
                    .map(RecordedPulumi::call)
                    .filter(call -> !call.arguments().getFirst().equals("version"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@link Call#command()} of all calls that are about a Pulumi stack of that name. */
    public List<String> commands(String stack) {
        return calls().stream()
                .filter(call ->
                        call.arguments().stream().anyMatch(argument -> argument.matches("[^/]+/[^/]+/" + stack)))
                .map(Call::command)
                .toList();
    }

    /** From now on calls wait. */
    public void hold() {
        try {
            Files.createFile(hold);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets held calls go on. */
    public void release() {
        try {
            Files.deleteIfExists(hold);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileTime time(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Call call(Path arguments) {
        Map<String, String> environment = new HashMap<>();
        for (String variable : read(Path.of(arguments.toString().replace(".arguments", ".environment")))
                .split(SEPARATOR)) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                environment.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return new Call(Arrays.asList(read(arguments).split(SEPARATOR)), environment);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
