package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Writes fetched files so that nobody but the operator's user can read them. */
final class SourceFiles {

    private static final FileAttribute<Set<PosixFilePermission>> DIRECTORY = mode("rwx------");
    private static final FileAttribute<Set<PosixFilePermission>> FILE = mode("rw-------");
    private static final FileAttribute<Set<PosixFilePermission>> EXECUTABLE = mode("rwx------");

    private SourceFiles() {}

    /** Makes a directory that must not exist yet. */
    static void createDirectory(Path directory) throws IOException {
        Files.createDirectory(directory, DIRECTORY);
    }

    static void createDirectories(Path directory) throws IOException {
        Files.createDirectories(directory, DIRECTORY);
    }

    /** Opens a file that must not exist yet; never follows a link. */
    static OutputStream create(Path file, boolean executable) throws IOException {
        Files.createFile(file, executable ? EXECUTABLE : FILE);
        return Files.newOutputStream(file, StandardOpenOption.WRITE, java.nio.file.LinkOption.NOFOLLOW_LINKS);
    }

    /** Writes a flat set of files into a directory that does not exist yet, and removes it again on failure. */
    static Path write(Path target, Map<String, byte[]> files) throws SourceException {
        try {
            createDirectory(target);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                try (OutputStream out = create(target.resolve(file.getKey()), false)) {
                    out.write(file.getValue());
                }
            }
            return target;
        } catch (IOException e) {
            deleteQuietly(target);
            throw new SourceException(Reason.SourceUnavailable, "the workspace cannot be written", e);
        }
    }

    /** Deletes a tree without following links; a missing one is fine. */
    static void delete(Path root) throws IOException {
        if (!Files.exists(root, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : (Iterable<Path>) tree.sorted(Comparator.reverseOrder())::iterator) {
                Files.deleteIfExists(path);
            }
        }
    }

    static void deleteQuietly(Path root) {
        try {
            delete(root);
        } catch (IOException | java.io.UncheckedIOException e) {
            // What is left is deleted with the directory around it.
        }
    }

    static long size(Path root) throws IOException {
        if (!Files.exists(root)) {
            return 0;
        }
        try (Stream<Path> tree = Files.walk(root)) {
            return tree.mapToLong(path -> path.toFile().length()).sum();
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }
}
