package io.stackwright.operator.execution.runner;

import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.source.StackKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where runs keep what they need, below the operator's data directory; in a Job plugins and dependencies are kept in a
 * cache that outlives the pod, where there is one.
 */
public final class RunPaths {

    private static final Logger LOG = LoggerFactory.getLogger(RunPaths.class);

    private static final String LOGS = "logs";
    private static final String PROGRAMS = "programs";

    private final Path data;
    private final Optional<CacheFolder> cache;

    public RunPaths(Path data) {
        this(data, Optional.empty());
    }

    /** @param cache folder that outlives {@code data} */
    public RunPaths(Path data, Optional<CacheFolder> cache) {
        this.data = data.toAbsolutePath().normalize();
        this.cache = cache;
    }

    /** The operator's data directory. */
    public Path data() {
        return data;
    }

    /** Folder of one run; gone when it ends. */
    Path work(String updateUid) {
        return data.resolve("work").resolve(updateUid);
    }

    Path plugins() {
        return writable().resolve(CacheFolder.PLUGINS);
    }

    /** Makes the folder of plugins; those of a cache that can only be read are linked into it. */
    Path preparePlugins() {
        Path plugins = plugins();
        cache.filter(folder -> !folder.writable())
                .ifPresent(folder -> LinkedPlugins.link(folder.path().resolve(CacheFolder.PLUGINS), plugins));
        return plugins;
    }

    /** Where installed dependencies are looked for, in this order; what cannot be kept in one is kept in the next. */
    List<DependencyCache> dependencies(Clock clock) {
        Stream<DependencyCache> kept = cache.stream().map(folder -> folder.dependencies(clock));
        DependencyCache own =
                new DependencyCache(data.resolve(CacheFolder.DEPENDENCIES), DependencyCache.Sharing.OWN, clock);
        return Stream.concat(kept, Stream.of(own)).toList();
    }

    Path caches() {
        return writable().resolve(CacheFolder.CACHES);
    }

    private Path writable() {
        return cache.filter(CacheFolder::writable).map(CacheFolder::path).orElse(data);
    }

    /** Makes the folder of a {@code file://} backend inside our own data; any other backend is its owner's to make. */
    void prepareBackend(String url) {
        if (!url.startsWith("file://")) {
            return;
        }
        Path folder = Path.of(url.substring("file://".length()).replaceFirst("\\?.*", ""))
                .normalize();
        if (folder.startsWith(data)) {
            try {
                Files.createDirectories(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** What is kept of a Stack's program, in case its source goes before the Stack does. */
    Path programs(StackKey stack) {
        return data.resolve(PROGRAMS).resolve(stack.namespace()).resolve(stack.name());
    }

    private Path logs(StackKey stack) {
        return data.resolve(LOGS).resolve(stack.namespace()).resolve(stack.name());
    }

    /** Keeps the redacted log of a run; a full disk costs the log, not the run. */
    public Optional<String> writeLog(RunKey run, String text) {
        if (text.isBlank()) {
            return Optional.empty();
        }
        try {
            Files.createDirectories(
                    logs(run.stack()),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path file = logs(run.stack()).resolve(run.update() + ".log");
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            return Optional.of(file.toString());
        } catch (IOException e) {
            LOG.atWarn().setCause(e).addKeyValue("update", run.update()).log("the run's log was not kept");
            return Optional.empty();
        }
    }

    /** Removes the log of an Update that is forgotten. */
    public void deleteLog(StackKey stack, String update) {
        try {
            Files.deleteIfExists(logs(stack).resolve(update + ".log"));
        } catch (IOException e) {
            LOG.atWarn().setCause(e).addKeyValue("update", update).log("a log was not deleted");
        }
    }

    /**
     * Removes the logs of Updates that somebody has deleted.
     *
     * @param updates names of those that are still there
     */
    public void deleteOtherLogs(StackKey stack, Set<String> updates) {
        Path folder = logs(stack);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            files.map(file -> file.getFileName().toString().replaceFirst("\\.log$", ""))
                    .filter(update -> !updates.contains(update))
                    .forEach(update -> deleteLog(stack, update));
        } catch (IOException | UncheckedIOException e) {
            LOG.atWarn().setCause(e).addKeyValue("stack", stack).log("logs of deleted Updates were not deleted");
        }
    }

    /** Stacks that anything is kept of. */
    public Set<StackKey> stacks() {
        Set<StackKey> stacks = new HashSet<>();
        for (String kind : List.of(LOGS, PROGRAMS)) {
            for (Path namespace : folders(data.resolve(kind))) {
                folders(namespace)
                        .forEach(stack -> stacks.add(new StackKey(
                                namespace.getFileName().toString(),
                                stack.getFileName().toString())));
            }
        }
        return stacks;
    }

    private static List<Path> folders(Path parent) {
        try (Stream<Path> files = Files.list(parent)) {
            return files.filter(Files::isDirectory).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes all that is kept of a Stack that is gone. */
    public void deleteAll(StackKey stack) {
        for (Path folder : List.of(logs(stack), programs(stack))) {
            try {
                Trees.delete(folder);
            } catch (IOException e) {
                LOG.atWarn().setCause(e).addKeyValue("folder", folder).log("what was kept of a Stack was not deleted");
            }
        }
    }

    /**
     * Removes what an earlier process left of its runs; only while this process runs none.
     *
     * @param living uids of Updates that processes still work on, in their folders
     */
    public void deleteWork(Set<String> living) {
        try (Stream<Path> folders = Files.list(Files.createDirectories(data.resolve("work")))) {
            folders.map(folder -> folder.getFileName().toString())
                    .filter(uid -> !living.contains(uid))
                    .forEach(this::deleteWork);
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("leftovers of earlier runs were not deleted");
        }
    }

    /** Removes the folder of a run none of whose commands lives, and ends the daemons that it has left. */
    public void deleteWork(String updateUid) {
        new Leftovers(RunFolder.pulumiHome(work(updateUid))).kill();
        try {
            Trees.delete(work(updateUid));
        } catch (IOException e) {
            LOG.atWarn().setCause(e).addKeyValue("uid", updateUid).log("the folder of a run was not deleted");
        }
    }
}
