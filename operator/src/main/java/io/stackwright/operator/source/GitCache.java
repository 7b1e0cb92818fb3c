package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.LargeObjectException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;

/**
 * Downloaded commits of one (repository, credential). What is in it can be downloaded again, so it may be deleted at
 * any time.
 */
final class GitCache {

    static final int MAX_ENTRIES = 50_000;

    /** Where refs to downloaded commits are. */
    static final String KEPT = "refs/stackwright/";

    private final Path directory;
    private final GitRemote remote;
    private final long maxBytes;
    private final Runnable downloaded;
    private final ReentrantLock downloads = new ReentrantLock();

    /** Read: the directory is used. Write: it is deleted. */
    private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

    private boolean tidied;
    private volatile long usedAt = System.nanoTime();
    private volatile long size;

    /** @param downloaded told after each download; must not block */
    GitCache(Path directory, GitRemote remote, long maxBytes, Runnable downloaded) {
        this.directory = directory;
        this.remote = remote;
        this.maxBytes = maxBytes;
        this.downloaded = downloaded;
    }

    /** When it was last read from, in nanoseconds of {@link System#nanoTime}. */
    long usedAt() {
        return usedAt;
    }

    /** Bytes on the disk, as measured when it was opened first and after each download. */
    long size() {
        return size;
    }

    /** A project as it is in a commit; {@code digest} is the Git tree id of its directory. */
    record Located(String digest, ProjectFile file) {}

    GitRefs list(GitUrl url, GitCredentials credentials) throws SourceException {
        inUse.readLock().lock();
        try (CacheRepository repository = open()) {
            return remote.list(repository, url, credentials);
        } catch (IOException e) {
            throw broken(e);
        } finally {
            inUse.readLock().unlock();
        }
    }

    /** Finds the project at {@code path}, downloading the commit if it is not here. */
    Located locate(GitUrl url, GitCredentials credentials, ObjectId commit, String path) throws SourceException {
        return withCommit(url, credentials, commit, (reader, tree) -> new ProjectFinder(reader).find(tree, path));
    }

    /**
     * Writes the commit's whole tree, downloading the commit if it is not here.
     *
     * @return the directory of {@code path} in it
     */
    Path checkout(GitUrl url, GitCredentials credentials, ObjectId commit, String path, Path target)
            throws SourceException {
        return withCommit(url, credentials, commit, (reader, tree) -> {
            boolean done = false;
            try {
                new ProjectFinder(reader).find(tree, path);
                new TreeWriter(reader, maxBytes, MAX_ENTRIES).write(tree, target);
                done = true;
                return path.isEmpty() ? target : target.resolve(path);
            } finally {
                if (!done) {
                    SourceFiles.deleteQuietly(target);
                }
            }
        });
    }

    /** Deletes everything, unless it is in use. */
    boolean delete() {
        if (!inUse.writeLock().tryLock()) {
            return false;
        }
        try {
            SourceFiles.deleteQuietly(directory);
            size = 0;
            return true;
        } finally {
            inUse.writeLock().unlock();
        }
    }

    private <T> T withCommit(GitUrl url, GitCredentials credentials, ObjectId commit, Use<T> use)
            throws SourceException {
        Optional<T> present = read(commit, use);
        if (present.isPresent()) {
            return present.get();
        }
        downloads.lock();
        try {
            // Somebody may have downloaded it while we waited.
            Optional<T> meanwhile = read(commit, use);
            if (meanwhile.isPresent()) {
                return meanwhile.get();
            }
            download(url, credentials, commit);
            return read(commit, use)
                    .orElseThrow(() -> new SourceException(
                            Reason.SourceUnavailable, url + " did not send all of commit " + commit.name()));
        } finally {
            downloads.unlock();
        }
    }

    /** Empty when the commit, or a part of it, is not here. */
    private <T> Optional<T> read(ObjectId commit, Use<T> use) throws SourceException {
        usedAt = System.nanoTime();
        inUse.readLock().lock();
        try (CacheRepository repository = open();
                ObjectReader reader = repository.newObjectReader()) {
            return Optional.of(use.apply(reader, new ProjectFinder(reader).root(commit)));
        } catch (IncorrectObjectTypeException e) {
            throw new SourceException(Reason.SourceInvalid, commit.name() + " is not a commit");
        } catch (MissingObjectException | CorruptObjectException e) {
            return Optional.empty();
        } catch (LargeObjectException e) {
            throw new SourceException(
                    Reason.SourceInvalid,
                    "the repository has something that is too large for the operator's memory",
                    e);
        } catch (IOException e) {
            throw broken(e);
        } finally {
            inUse.readLock().unlock();
        }
    }

    private void download(GitUrl url, GitCredentials credentials, ObjectId commit) throws SourceException {
        try {
            if (SourceFiles.size(directory) > 2 * maxBytes || incomplete(commit)) {
                recreate();
            }
        } catch (IOException e) {
            throw broken(e);
        }
        inUse.readLock().lock();
        try (CacheRepository repository = open()) {
            remote.download(repository, url, credentials, commit);
        } catch (IOException e) {
            throw broken(e);
        } finally {
            inUse.readLock().unlock();
            measure();
            downloaded.run();
        }
    }

    private void measure() {
        try {
            size = SourceFiles.size(directory);
        } catch (IOException e) {
            // It is being deleted, or another thread tidies up; the next download measures again.
        }
    }

    /** Whether the cache claims to have a commit that could not be read: the server would not send it again. */
    private boolean incomplete(ObjectId commit) throws IOException {
        try (CacheRepository repository = open()) {
            return repository.exactRef(KEPT + commit.name()) != null;
        }
    }

    private void recreate() throws IOException {
        inUse.writeLock().lock();
        try {
            SourceFiles.delete(directory);
        } finally {
            inUse.writeLock().unlock();
        }
    }

    /** One at a time: the first one makes the repository, or makes an earlier process's usable. */
    private synchronized CacheRepository open() throws IOException {
        PackLimits limits = PackLimits.of(maxBytes, Runtime.getRuntime().maxMemory());
        if (!tidied) {
            tidy();
            measure();
            tidied = true;
        }
        try {
            return CacheRepository.open(directory, limits);
        } catch (IOException | RuntimeException e) {
            SourceFiles.delete(directory);
            return CacheRepository.open(directory, limits);
        }
    }

    /** A process that was killed leaves locks, which nobody else would ever release, and half a download. */
    private void tidy() throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = file.getFileName().toString();
                if (name.endsWith(".lock") || name.startsWith("incoming_")) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static SourceException broken(IOException e) {
        return new SourceException(Reason.SourceUnavailable, "the operator's cache of the repository is unusable", e);
    }

    private interface Use<T> {
        T apply(ObjectReader reader, ObjectId tree) throws IOException, SourceException;
    }
}
