package io.stackwright.operator.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** A script that writes down with which arguments it is called, then becomes the real CLI. */
public final class RecordingCli {

    private static final String SEPARATOR = "\u001F";

    private final Path script;
    private final Path log;

    private RecordingCli(Path script, Path log) {
        this.script = script;
        this.log = log;
    }

    public static RecordingCli of(Path cli, Path folder) {
        Path log = folder.resolve("calls.log");
        Path script = script(folder.resolve("recording-pulumi"), """
            #!/bin/sh
            { printf '%%s\\037' "$@"; echo; } >> '%s'
            exec '%s' "$@"
            """.formatted(log, cli));
        return new RecordingCli(script, log);
    }

    /** An executable script. */
    public static Path script(Path file, String text) {
        try {
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String command() {
        return script.toString();
    }

    /** Arguments of each call since the last {@link #forget()}. */
    public List<List<String>> calls() {
        if (!Files.exists(log)) {
            return List.of();
        }
        try {
            List<List<String>> calls = new ArrayList<>();
            for (String line : Files.readAllLines(log)) {
                calls.add(List.of(line.split(SEPARATOR)));
            }
            return calls;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void forget() {
        try {
            Files.deleteIfExists(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
