package io.stackwright.operator.execution.runner;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders with installed dependencies: {@code <key>-<random>}, complete once it has a marker.
 *
 * <p>An environment holds absolute paths, so it is built where it stays. Each attempt has a folder of its own: what is
 * left of one that was killed, even a process that still writes, never gets into the next. So processes that know
 * nothing of each other can share the folder without locks, which not every file system of a network has: two that
 * install the same leave two installations, of which the next ones use the first.
 */
final class DependencyCache {

    /** Who else works in the folder. */
    enum Sharing {
        /** This process alone. */
        OWN,
        /** Other pods as well, at any time: nothing that they could be at work on, or stand on, is removed. */
        SHARED,
        /** Nobody can: what is there is used as it is. */
        READ_ONLY
    }

    private static final Logger LOG = LoggerFactory.getLogger(DependencyCache.class);
    private static final String COMPLETE = ".complete";
    private static final int KEEP = 20;
    private static final Duration UNUSED = Duration.ofDays(30);
    /** Longer than a run: what a running program stands on is never removed. */
    private static final Duration IN_USE = Duration.ofDays(1);

    private final Path root;
    private final Sharing sharing;
    private final Clock clock;

    DependencyCache(Path root, Sharing sharing, Clock clock) {
        this.root = root;
        this.sharing = sharing;
        this.clock = clock;
    }

    boolean canBeFilled() {
        return sharing != Sharing.READ_ONLY;
    }

    /** A complete installation, which counts as used from now on. One that others provide may be out of reach. */
    Optional<Path> find(String key) throws IOException {
        try {
            for (Path entry : entries()) {
                if (isOf(entry, key) && Files.exists(entry.resolve(COMPLETE))) {
                    use(entry);
                    return Optional.of(entry);
                }
            }
        } catch (IOException e) {
            if (sharing == Sharing.OWN) {
                throw e;
            }
            LOG.atWarn()
                    .addKeyValue("folder", root)
                    .addKeyValue("cause", e.toString())
                    .log("a cache cannot be read");
        }
        return Optional.empty();
    }

    /** An empty folder to install into; leftovers of earlier attempts are removed. */
    Path begin(String key) throws IOException {
        Files.createDirectories(root);
        for (Path entry : entries()) {
            if (isOf(entry, key) && (sharing == Sharing.OWN || isAbandoned(entry))) {
                discard(entry);
            }
        }
        return Files.createTempDirectory(root, key + "-");
    }

    void complete(Path entry) throws IOException {
        Files.createFile(entry.resolve(COMPLETE));
        use(entry);
        prune();
    }

    private void use(Path entry) throws IOException {
        if (sharing == Sharing.READ_ONLY) {
            return;
        }
        try {
            Files.setLastModifiedTime(entry.resolve(COMPLETE), FileTime.from(clock.instant()));
        } catch (IOException e) {
            if (sharing == Sharing.OWN) {
                throw e;
            }
            // Another user's, or just retired by another pod: it stays for a day.
            LOG.atDebug().setCause(e).addKeyValue("folder", entry).log("the use of an installation was not noted");
        }
    }

    /** Removes an attempt; what cannot be removed now is when the cache is tidied. */
    void discard(Path entry) {
        try {
            Trees.delete(entry);
        } catch (IOException e) {
            LOG.atDebug().setCause(e).addKeyValue("folder", entry).log("leftovers of an installation were not deleted");
        }
    }

    private void prune() throws IOException {
        Instant now = clock.instant();
        List<Path> byUse = new ArrayList<>(entries());
        byUse.sort(Comparator.comparing(this::usedAt).reversed());
        for (int place = 0; place < byUse.size(); place++) {
            Path entry = byUse.get(place);
            Duration unused = Duration.between(usedAt(entry), now);
            if (sharing == Sharing.SHARED && isAbandoned(entry)) {
                discard(entry);
            } else if (unused.compareTo(place < KEEP ? UNUSED : IN_USE) > 0) {
                remove(entry);
            }
        }
    }

    /**
     * Another pod may have found the entry in this very moment. Without its marker nobody finds it any more, and as an
     * attempt that is given up it goes once those who did have ended.
     */
    private void remove(Path entry) throws IOException {
        if (sharing == Sharing.SHARED) {
            Files.deleteIfExists(entry.resolve(COMPLETE));
        } else {
            discard(entry);
        }
    }

    /** No installation takes as long, and no run. */
    private boolean isAbandoned(Path entry) {
        return !Files.exists(entry.resolve(COMPLETE))
                && Duration.between(usedAt(entry), clock.instant()).compareTo(IN_USE) > 0;
    }

    private Instant usedAt(Path entry) {
        Path marker = entry.resolve(COMPLETE);
        try {
            return Files.getLastModifiedTime(Files.exists(marker) ? marker : entry)
                    .toInstant();
        } catch (IOException e) {
            // In a shared folder that another pod removes it is one reason, and a server that is away another.
            return sharing == Sharing.OWN ? Instant.EPOCH : clock.instant();
        }
    }

    private List<Path> entries() throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(root, Files::isDirectory)) {
            found.forEach(entries::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        // All that share it take the same one of several.
        entries.sort(Comparator.naturalOrder());
        return entries;
    }

    private static boolean isOf(Path entry, String key) {
        return entry.getFileName().toString().startsWith(key + "-");
    }
}
