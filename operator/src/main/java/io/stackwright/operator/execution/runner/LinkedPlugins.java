package io.stackwright.operator.execution.runner;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plugins of a folder that cannot be written, offered in one that can: the CLI writes locks and what else it installs
 * beside them. It passes over links to directories, so each plugin becomes a directory with links to what is in it.
 */
final class LinkedPlugins {

    private static final Logger LOG = LoggerFactory.getLogger(LinkedPlugins.class);

    private LinkedPlugins() {}

    /** What cannot be offered is left for the CLI to download. */
    static void link(Path from, Path to) {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (DirectoryStream<Path> plugins = Files.newDirectoryStream(from, Files::isDirectory)) {
            Files.createDirectories(to);
            for (Path plugin : plugins) {
                if (isInstalled(plugin)) {
                    linkOne(plugin, to.resolve(plugin.getFileName()));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.atWarn().addKeyValue("cause", e.toString()).log("plugins of the cache could not be used");
        }
    }

    /** The CLI marks what it has not finished with a file beside it. */
    private static boolean isInstalled(Path plugin) {
        return !Files.exists(plugin.resolveSibling(plugin.getFileName() + ".partial"));
    }

    private static void linkOne(Path plugin, Path place) throws IOException {
        try {
            Files.createDirectory(place);
        } catch (FileAlreadyExistsException e) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(plugin)) {
            for (Path file : files) {
                Files.createSymbolicLink(place.resolve(file.getFileName()), file);
            }
        }
    }
}
