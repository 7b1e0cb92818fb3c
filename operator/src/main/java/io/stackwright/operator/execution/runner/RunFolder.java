package io.stackwright.operator.execution.runner;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one run: project, scratch, home and Pulumi's home, readable by nobody else, gone when the run ends.
 *
 * <p>The folder is no part of another Pulumi project: the CLI searches Pulumi.yaml upwards.
 */
final class RunFolder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);

    private final Path root;
    private final Optional<Path> record;

    private RunFolder(Path root, Optional<Path> record) {
        this.root = root;
        this.record = record;
    }

    /**
     * Makes the folder, empty even when an earlier process left one.
     *
     * @param plugins shared folder of provider plugins
     * @param record where the run's processes are written down; outside the folder
     */
    static RunFolder create(Path root, Path plugins, Optional<Path> record) {
        try {
            Trees.delete(root);
            var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
            Files.createDirectories(root.getParent());
            Files.createDirectory(root, ownerOnly);
            RunFolder folder = new RunFolder(root, record);
            Files.createDirectory(folder.scratch());
            Files.createDirectory(folder.home());
            Files.createDirectory(folder.temporary());
            Files.createDirectory(folder.pulumiHome());
            Files.createDirectories(plugins);
            Files.createSymbolicLink(folder.pulumiHome().resolve("plugins"), plugins);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Does not exist until the source is fetched into it. */
    Path project() {
        return root.resolve("project");
    }

    /**
     * A directory without a program, for operations that need none; it says which project the stack belongs to. The CLI
     * finds that in the state as well, but not in the state of a stack that nothing was ever applied to.
     */
    Path empty(String project) {
        try {
            return declare(Files.createDirectories(root.resolve("empty")), project);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Says in a folder without Pulumi.yaml which project it is of. */
    static Path declare(Path folder, String project) {
        // JSON is YAML too. The runtime is not started.
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        settings.put("name", project).put("runtime", "yaml");
        try {
            return Files.writeString(folder.resolve("Pulumi.yaml"), settings.toString())
                    .getParent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path scratch() {
        return root.resolve("scratch");
    }

    Optional<Path> record() {
        return record;
    }

    Path home() {
        return root.resolve("home");
    }

    Path temporary() {
        return root.resolve("tmp");
    }

    Path pulumiHome() {
        return pulumiHome(root);
    }

    static Path pulumiHome(Path root) {
        return root.resolve("pulumi");
    }

    /** Nothing of the run lives on. What cannot be removed is left: it must not turn a run that succeeded into a failure. */
    @Override
    public void close() {
        new Leftovers(pulumiHome()).kill();
        try {
            Trees.delete(root);
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("files of a run were left behind");
        }
    }
}
