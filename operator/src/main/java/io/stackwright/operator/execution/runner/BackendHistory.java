package io.stackwright.operator.execution.runner;

import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.execution.recovery.BackendFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the history of a {@code file://} backend bounded.
 *
 * <p>Each update leaves two whole copies of the state there, one as history and one as backup, and nothing in Pulumi
 * removes them. Only stacks that this operator created are touched: the history of an adopted one is its owner's.
 */
public final class BackendHistory {

    /** Updates, and as many backups, that are kept of a stack. */
    static final int KEPT = 20;

    private static final Logger LOG = LoggerFactory.getLogger(BackendHistory.class);

    /**
     * {@code prod-1795470630632032599.history.json}, {@code prod.1795470630632615408.json}, each with attributes: no
     * number that is more than a long holds.
     */
    private static final Pattern NUMBERED =
            Pattern.compile(".*[-.]([1-8]\\d{18}|\\d{16,18})\\.(checkpoint\\.|history\\.)?json.*");

    private BackendHistory() {}

    /** Removes all but the newest; a file that cannot be removed is left. Never a failure: the run has ended by then. */
    static void prune(String backendUrl, StackIdentity stack) {
        try {
            folder(backendUrl).ifPresent(root -> {
                for (String kind : List.of("history", "backups")) {
                    prune(root.resolve(kind).resolve(stack.project()).resolve(stack.name()));
                }
            });
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("old history was not removed");
        }
    }

    /**
     * Removes what a stack that is destroyed and removed has left. Only once its end is recorded: until then these traces
     * are what proves it. One that somebody has made anew meanwhile is left as it is.
     */
    public static void forget(StackIdentity stack) {
        boolean isThere = BackendFiles.of(stack.backend())
                .flatMap(files -> files.checkpoint(stack.project(), stack.name()))
                .isPresent();
        if (stack.wasAdopted() || isThere) {
            return;
        }
        folder(stack.backend()).ifPresent(root -> {
            try {
                // The CLI takes the history away, but for what a command that was killed had just begun to write.
                for (String kind : List.of("history", "backups")) {
                    Trees.delete(root.resolve(kind).resolve(stack.project()).resolve(stack.name()));
                }
                for (Path file : besides(root.resolve("stacks").resolve(stack.project()), stack.name())) {
                    Files.deleteIfExists(file);
                }
            } catch (IOException e) {
                LOG.atWarn().setCause(e).log("backups of a removed stack were left behind");
            }
        });
    }

    /** The copy that the CLI keeps of the last state, and what a command that was killed had begun to write. */
    private static List<Path> besides(Path folder, String stack) throws IOException {
        Pattern left = Pattern.compile(
                Pattern.quote(stack) + "\\.(json|json\\.gz|pulumi-tags)(\\.bak)?(\\.attrs|\\.[0-9a-f]+\\.tmp)?");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(
                            file -> left.matcher(file.getFileName().toString()).matches())
                    .toList();
        }
    }

    private static Optional<Path> folder(String backendUrl) {
        return BackendFiles.of(backendUrl).map(BackendFiles::folder);
    }

    private static void prune(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            Map<Long, List<Path>> updates = files.filter(file -> number(file) > 0)
                    .collect(Collectors.groupingBy(
                            BackendHistory::number,
                            () -> new TreeMap<>(Comparator.reverseOrder()),
                            Collectors.toList()));
            for (List<Path> update : updates.values().stream().skip(KEPT).toList()) {
                for (Path file : update) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            LOG.atWarn().setCause(e).addKeyValue("folder", folder).log("old history was not removed");
        }
    }

    private static long number(Path file) {
        Matcher matcher = NUMBERED.matcher(file.getFileName().toString());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    }
}
