package io.stackwright.operator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/**
 * The operator's data directory, held by one process at a time.
 *
 * <p>Two operators on one directory would delete each other's workspaces. The lock is the kernel's: it ends with the
 * process that holds it, however that ends.
 */
final class DataDirectory implements AutoCloseable {

    private final FileChannel channel;
    private final FileLock lock;
    private final String id;

    private DataDirectory(FileChannel channel, FileLock lock, String id) {
        this.id = id;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Makes the directory if need be and takes it.
     *
     * @throws IllegalStateException when it cannot be written to, or another process has it; the message says so
     */
    static DataDirectory take(Path directory) {
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            FileChannel channel = FileChannel.open(
                    directory.resolve("operator.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new IllegalStateException("data directory " + directory
                        + " is in use by another operator process; give each its own (--data-dir)");
            }
            return new DataDirectory(channel, lock, id(directory));
        } catch (IOException e) {
            throw new IllegalStateException("data directory " + directory + " cannot be used (--data-dir): " + e, e);
        }
    }

    /** Random id of the directory itself: whoever holds its lock knows that all earlier holders are gone. */
    String id() {
        return id;
    }

    private static String id(Path directory) throws IOException {
        Path file = directory.resolve("operator.id");
        if (!Files.exists(file)) {
            Path fresh = directory.resolve("operator.id.new");
            Files.writeString(fresh, UUID.randomUUID().toString());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return Files.readString(file).strip();
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            lock.release();
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
