package io.stackwright.operator.execution.runner;

import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.StackId;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.telemetry.Tracing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts the plugins and dependencies of projects into a cache folder, as runs would: what they look for has the same keys.
 * The projects themselves stay as they are.
 */
final class CacheFiller {

    private final PulumiEngine engine;
    private final CacheFolder cache;
    private final RunPaths work;
    private final RunEnvironment environment;
    private final DependencyInstaller installer;

    /** @param work folder for what is not kept */
    CacheFiller(PulumiEngine engine, Path cache, Path work, Map<String, String> environment, Clock clock) {
        this.engine = engine;
        this.cache = new CacheFolder(cache.toAbsolutePath().normalize(), true);
        // What package managers download is not needed again: nothing adds to a cache that is in an image.
        this.work = new RunPaths(work);
        this.environment = RunEnvironment.ofPod(environment, this.work, Set.of(), Tracing.of(Map.of()));
        this.installer = new DependencyInstaller(engine, List.of(this.cache.dependencies(clock)));
    }

    /**
     * Adds what a project needs.
     *
     * @throws EngineException when it could not be installed
     * @throws IOException when the project cannot be read, or the cache cannot be written
     */
    void fill(Path project) throws IOException {
        Path plugins = cache.path().resolve(CacheFolder.PLUGINS);
        try (RunFolder folder = RunFolder.create(work.work("project"), plugins, Optional.empty())) {
            Trees.copy(project, folder.project());
            Map<String, String> variables = environment.of(
                    folder,
                    "image",
                    DependencyInstaller.executables(folder.project()),
                    "file://" + work.data().resolve("state"),
                    "",
                    Map.of());
            if (Manifests.of(folder.project()).files().isEmpty()) {
                // Nothing but plugins, then.
                engine.install(
                        new Workspace(
                                folder.project(),
                                new StackId("organization", "install", "install"),
                                variables,
                                folder.scratch()),
                        DependencyInstaller.TIMEOUT,
                        new CancelToken());
            } else {
                installer.install(
                        folder.project(),
                        variables,
                        new DependencyInstaller.Places(folder.scratch(), Optional.empty()),
                        new CancelToken());
            }
        }
        // Who builds an image is root, who runs in it is not.
        Trees.open(cache.path());
    }
}
