package io.stackwright.operator.execution.runner;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of plugins and dependencies that outlives the pod of a run: a volume that other pods may use at the same time,
 * or a part of the image.
 *
 * @param writable whether what is missing is added to it; if not, that goes into the pod's own folder
 */
public record CacheFolder(Path path, boolean writable) {

    static final String PLUGINS = "plugins";
    static final String DEPENDENCIES = "dependencies";
    static final String CACHES = "caches";

    private static final Logger LOG = LoggerFactory.getLogger(CacheFolder.class);

    /** Bytes below which nothing is added any more: a run that fills the last of it would fail of that. */
    private static final long ROOM = 64L << 20;

    /** What is there; a cache that is broken or full is one that can only be read. */
    public static Optional<CacheFolder> at(Path path) {
        return at(path, ROOM);
    }

    static Optional<CacheFolder> at(Path path, long room) {
        if (!Files.isDirectory(path)) {
            return Optional.empty();
        }
        Optional<String> obstacle = obstacle(path, room);
        obstacle.ifPresent(why -> LOG.atInfo()
                .addKeyValue("folder", path)
                .addKeyValue("cause", why)
                .log("the cache can only be read; what it lacks is kept for this run alone"));
        return Optional.of(new CacheFolder(path, obstacle.isEmpty()));
    }

    /** Tried out: neither permissions nor mount options tell all. */
    private static Optional<String> obstacle(Path path, long room) {
        try {
            for (String part : List.of(PLUGINS, DEPENDENCIES, CACHES)) {
                Path folder = Files.createDirectories(path.resolve(part));
                Path probe = Files.createTempFile(folder, ".probe-", null);
                try {
                    Files.writeString(probe, "can be written");
                } finally {
                    Files.deleteIfExists(probe);
                }
            }
            FileStore store = Files.getFileStore(path);
            // Some file systems do not say how large they are.
            return store.getTotalSpace() > 0 && store.getUsableSpace() < room
                    ? Optional.of("less than " + (room >> 20) + " MiB are free")
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.toString());
        }
    }

    DependencyCache dependencies(Clock clock) {
        return new DependencyCache(
                path.resolve(DEPENDENCIES),
                writable ? DependencyCache.Sharing.SHARED : DependencyCache.Sharing.READ_ONLY,
                clock);
    }
}
