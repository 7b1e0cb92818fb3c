package io.stackwright.operator.execution.runner;

import java.io.IOException;
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
 * left of one that was killed, even a process that still writes, never gets into the next.
 */
final class DependencyCache {

    private static final Logger LOG = LoggerFactory.getLogger(DependencyCache.class);
    private static final String COMPLETE = ".complete";
    private static final int KEEP = 20;
    private static final Duration UNUSED = Duration.ofDays(30);
    /** Longer than a run: what a running program stands on is never removed. */
    private static final Duration IN_USE = Duration.ofDays(1);

    private final Path root;
    private final Clock clock;

    DependencyCache(Path root, Clock clock) {
        this.root = root;
        this.clock = clock;
    }

    /** A complete installation, which counts as used from now on. */
    Optional<Path> find(String key) throws IOException {
        for (Path entry : entries()) {
            if (isOf(entry, key) && Files.exists(entry.resolve(COMPLETE))) {
                use(entry);
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /** An empty folder to install into; leftovers of earlier attempts are removed. */
    Path begin(String key) throws IOException {
        Files.createDirectories(root);
        for (Path entry : entries()) {
            if (isOf(entry, key)) {
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
        Files.setLastModifiedTime(entry.resolve(COMPLETE), FileTime.from(clock.instant()));
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
        byUse.sort(Comparator.comparing(DependencyCache::usedAt).reversed());
        for (int place = 0; place < byUse.size(); place++) {
            Duration unused = Duration.between(usedAt(byUse.get(place)), now);
            if (unused.compareTo(place < KEEP ? UNUSED : IN_USE) > 0) {
                discard(byUse.get(place));
            }
        }
    }

    private static Instant usedAt(Path entry) {
        Path marker = entry.resolve(COMPLETE);
        try {
            return Files.getLastModifiedTime(Files.exists(marker) ? marker : entry)
                    .toInstant();
        } catch (IOException e) {
            return Instant.EPOCH;
        }
    }

    private List<Path> entries() throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(root, Files::isDirectory)) {
            found.forEach(entries::add);
        }
        return entries;
    }

    private static boolean isOf(Path entry, String key) {
        return entry.getFileName().toString().startsWith(key + "-");
    }
}
