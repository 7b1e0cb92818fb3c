package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.stack.decide.Problem;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which folders a Stack may name as its {@code file://} backend: none of the operator's own, and none of another
 * tenant's. Its namespace's folder of the operator's default backend is its own, whichever way it is spelt.
 *
 * <p>A guard against mistakes and against tenants who only write Stacks. Who writes programs runs as this operator's
 * user, and needs no backend to reach a folder.
 */
final class FileBackends {

    private static final String SCHEME = "file://";
    private static final String NAMESPACE = "{namespace}";

    private final Path data;
    private final String defaultUrl;

    /**
     * @param data the operator's data directory
     * @param defaultUrl backend of Stacks that name none
     */
    FileBackends(Path data, String defaultUrl) {
        this.data = data;
        this.defaultUrl = defaultUrl;
    }

    /** Why the backend that a Stack of this namespace names cannot be used; a URL of another scheme always can. */
    Optional<Problem> problem(String namespace, String url) {
        if (!url.startsWith(SCHEME) || url.equals(defaultUrl.replace(NAMESPACE, namespace))) {
            return Optional.empty();
        }
        try {
            Path folder = real(path(url));
            if (defaultUrl.startsWith(SCHEME)) {
                if (folder.startsWith(real(path(defaultUrl.replace(NAMESPACE, namespace))))) {
                    return Optional.empty();
                }
                int placeholder = defaultUrl.indexOf(NAMESPACE);
                if (placeholder > 0 && folder.startsWith(real(path(parent(defaultUrl.substring(0, placeholder)))))) {
                    return refused("is a folder of another namespace");
                }
            }
            return folder.startsWith(real(data)) || real(data).startsWith(folder)
                    ? refused("is a folder of the operator's own")
                    : Optional.empty();
        } catch (URISyntaxException | IllegalArgumentException e) {
            return refused("is not file:// with an absolute path");
        } catch (IOException e) {
            return refused("leads through a symbolic link that has no end, or a folder that cannot be read");
        }
    }

    private static Optional<Problem> refused(String why) {
        return Optional.of(new Problem(
                Reason.InvalidSpec,
                "spec.backend.url " + why + "; leave it out to use the operator's backend, or name a folder of your"
                        + " own"));
    }

    private static String parent(String beginning) {
        return beginning.substring(0, beginning.lastIndexOf('/') + 1);
    }

    /** As Pulumi reads it: percent signs decoded, the query left out. */
    private static Path path(String url) throws URISyntaxException {
        String text = new URI(url).getPath();
        if (text == null || !text.startsWith("/") || !url.startsWith(SCHEME + "/")) {
            throw new InvalidPathException(url, "not absolute");
        }
        return Path.of(text);
    }

    /** Without symbolic links and dots; what does not exist yet is taken as it is written. */
    private static Path real(Path path) throws IOException {
        Path existing = path.toAbsolutePath();
        while (existing != null && !Files.exists(existing, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            existing = existing.getParent();
        }
        if (existing == null) {
            throw new FileSystemException(path.toString());
        }
        return existing.toRealPath()
                .resolve(existing.relativize(path.toAbsolutePath()))
                .normalize();
    }
}
