package io.stackwright.operator.execution.recovery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A {@code file://} backend as the files that it consists of: looking at them costs no process. */
public record BackendFiles(Path root) {

    private static final String SCHEME = "file://";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Empty for other backends, and for paths that only the CLI can resolve. */
    public static Optional<BackendFiles> of(String backendUrl) {
        String path = backendUrl.startsWith(SCHEME)
                ? backendUrl.substring(SCHEME.length()).replaceFirst("\\?.*", "")
                : "";
        return path.startsWith("/") && !path.contains("%")
                ? Optional.of(new BackendFiles(Path.of(path).normalize()))
                : Optional.empty();
    }

    /** Where Pulumi keeps everything. */
    public Path folder() {
        return root.resolve(".pulumi");
    }

    /** Files of the locks on a stack. */
    List<Path> locks(StackIdentity stack) {
        Path folder = root.resolve(".pulumi/locks")
                .resolve(stack.organization())
                .resolve(stack.project())
                .resolve(stack.name());
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            files.forEach(found::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found.stream().sorted().toList();
    }

    /**
     * Attributes of a stack's files that a write which was cut short has left incomplete. The file itself is whole, as it is
     * replaced only afterwards, but the CLI reads none with such attributes; one without any it does.
     */
    List<Path> tornAttributes(StackIdentity stack) {
        Path folder = root.resolve(".pulumi/stacks").resolve(stack.project());
        return Stream.of(".json", ".json.gz", ".json.bak", ".json.gz.bak", ".pulumi-tags")
                .map(kind -> folder.resolve(stack.name() + kind + ".attrs"))
                .filter(Files::isRegularFile)
                .filter(file -> !isJson(file))
                .toList();
    }

    private static boolean isJson(Path file) {
        try {
            return JSON.readTree(file.toFile()).isObject();
        } catch (JsonProcessingException e) {
            return false;
        } catch (IOException e) {
            return true; // Nothing is known of it.
        }
    }

    /** The state of a stack, plain or compressed; the newer one where both exist, as the CLI has it. */
    public Optional<Path> checkpoint(String project, String stack) {
        Path plain = root.resolve(".pulumi/stacks").resolve(project).resolve(stack + ".json");
        return Stream.of(plain, plain.resolveSibling(plain.getFileName() + ".gz"))
                .filter(Files::isRegularFile)
                .max(Comparator.comparing(BackendFiles::modified));
    }

    /** Where the tags of a stack are, if it has any. */
    public Path tags(String project, String stack) {
        return root.resolve(".pulumi/stacks").resolve(project).resolve(stack + ".pulumi-tags");
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }
}
