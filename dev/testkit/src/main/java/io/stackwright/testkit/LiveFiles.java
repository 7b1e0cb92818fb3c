package io.stackwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/** Files in a folder that processes write to and clean up meanwhile. */
public final class LiveFiles {

    private LiveFiles() {}

    /**
     * All regular files below a folder; what goes away while it is looked at is left out, where {@link Files#walk}
     * throws.
     */
    public static List<Path> under(Path folder) {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile()) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) throws IOException {
                    return goOnIfGone(file, gone);
                }

                @Override
                public FileVisitResult postVisitDirectory(Path inner, IOException gone) throws IOException {
                    return gone == null ? FileVisitResult.CONTINUE : goOnIfGone(inner, gone);
                }

                private FileVisitResult goOnIfGone(Path path, IOException failure) throws IOException {
                    // It may be there again by now.
                    if (path.equals(folder) || !(failure instanceof NoSuchFileException)) {
                        throw failure;
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }
}
