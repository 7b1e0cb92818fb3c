package io.stackwright.operator.execution.runner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.operator.engine.StackId;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.execution.recovery.BackendFiles;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the state of a stack where the backend is a folder: no process is needed for that. */
final class StateFiles {

    private static final Logger LOG = LoggerFactory.getLogger(StateFiles.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private StateFiles() {}

    /** The deployment; empty when the backend is no folder, or holds no such file that can be read. */
    static Optional<JsonNode> find(Workspace workspace, String backendUrl) {
        StackId stack = workspace.stack();
        return BackendFiles.of(backendUrl)
                .flatMap(files -> files.checkpoint(stack.project(), stack.name()))
                .flatMap(StateFiles::read);
    }

    /** The stack's tags; empty when the backend is no folder, or holds no such file that can be read. */
    static Optional<Map<String, String>> tags(Workspace workspace, String backendUrl) {
        StackId stack = workspace.stack();
        return BackendFiles.of(backendUrl)
                .map(files -> files.tags(stack.project(), stack.name()))
                .filter(Files::isRegularFile)
                .flatMap(StateFiles::content)
                .map(content -> content.path("tags").properties().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, tag -> tag.getValue().asText())));
    }

    /** Whether the folder has traces of the stack, which stay when the CLI removes it. */
    static boolean remembers(Workspace workspace, String backendUrl) {
        StackId stack = workspace.stack();
        return BackendFiles.of(backendUrl).map(BackendFiles::folder).stream()
                .flatMap(root -> Stream.of(
                        root.resolve("history").resolve(stack.project()).resolve(stack.name()),
                        root.resolve("backups").resolve(stack.project()).resolve(stack.name()),
                        root.resolve("stacks").resolve(stack.project()).resolve(stack.name() + ".json.bak")))
                .anyMatch(Files::exists);
    }

    private static Optional<JsonNode> read(Path file) {
        return content(file).map(content -> content.path("checkpoint").path("latest"));
    }

    private static Optional<JsonNode> content(Path file) {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
                InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
            JsonNode content = JSON.readTree(in);
            return content.isMissingNode() ? Optional.empty() : Optional.of(content);
        } catch (IOException e) {
            // The CLI says better what is wrong with it.
            LOG.atDebug().setCause(e).addKeyValue("file", file).log("a file of the backend cannot be read");
            return Optional.empty();
        }
    }
}
