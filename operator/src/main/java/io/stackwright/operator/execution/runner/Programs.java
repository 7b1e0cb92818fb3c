package io.stackwright.operator.execution.runner;

import io.stackwright.api.v1alpha1.InstallPolicy;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunRequest.Program;
import io.stackwright.operator.source.SourceException;
import io.stackwright.operator.source.Sources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a Stack's program and what it depends on into the folder of a run. */
final class Programs {

    private static final Logger LOG = LoggerFactory.getLogger(Programs.class);

    private final Sources sources;
    private final DependencyInstaller dependencies;
    private final RunPaths paths;

    Programs(Sources sources, DependencyInstaller dependencies, RunPaths paths) {
        this.sources = sources;
        this.dependencies = dependencies;
        this.paths = paths;
    }

    /**
     * A program that can be run.
     *
     * @param executables folders that go first on the search path
     */
    record Ready(Path directory, List<Path> executables) {}

    /**
     * What a destroy runs on.
     *
     * @param missing why it has to do without the program; empty when the program is there or not needed
     */
    record Providers(Path directory, List<Path> executables, Optional<String> missing) {}

    /** Fetches the program and installs its dependencies. */
    Ready ready(
            RunRequest request,
            RunFolder folder,
            Function<List<Path>, Map<String, String>> environment,
            CancelToken cancel)
            throws SourceException {
        Program program = request.program().orElseThrow();
        Path project = sources.fetch(request.run().stack(), program.source(), program.revision(), folder.project());
        if (request.operation() == Operation.Up && isKept(program)) {
            keep(request, project);
        }
        return new Ready(project, install(program, project, folder, environment, cancel));
    }

    /**
     * The program's modules and dependencies, where they can be had: a dynamic provider needs them even for a delete.
     * All others need nothing, so a source or registry that is away never stops a destroy.
     *
     * <p>The folder's Pulumi.yaml has the project's name and nothing else: the state says what is destroyed.
     */
    Providers providers(
            RunRequest request,
            RunFolder folder,
            Function<List<Path>, Map<String, String>> environment,
            CancelToken cancel) {
        Optional<Program> program = request.program();
        if (program.isEmpty() || !mayHaveProviders(program.get())) {
            return new Providers(folder.empty(request.identity().project()), List.of(), Optional.empty());
        }
        Path project;
        try {
            project = lastKnown(request, program.get(), folder);
        } catch (SourceException e) {
            return without(request, folder.empty(request.identity().project()), "its source: " + e.getMessage());
        }
        Optional<String> missing = Optional.empty();
        List<Path> executables = DependencyInstaller.executables(project);
        try {
            executables = install(program.get(), project, folder, environment, cancel);
        } catch (EngineException e) {
            if (e.failure().kind() == Failure.Kind.CANCELLED) {
                throw e;
            }
            missing = without(
                            request, project, "its dependencies: " + e.failure().message())
                    .missing();
        }
        hideProjectFiles(project);
        RunFolder.declare(project, request.identity().project());
        return new Providers(project, executables, missing);
    }

    private static Providers without(RunRequest request, Path directory, String why) {
        LOG.atWarn()
                .addKeyValue("update", request.run().update())
                .addKeyValue("missing", why.substring(0, why.indexOf(':')))
                .log("destroying without a part of the program, which cannot be had");
        return new Providers(directory, List.of(), Optional.of(why));
    }

    private List<Path> install(
            Program program,
            Path project,
            RunFolder folder,
            Function<List<Path>, Map<String, String>> environment,
            CancelToken cancel) {
        List<Path> own = DependencyInstaller.executables(project);
        return program.source().install() == InstallPolicy.Never
                ? own
                : dependencies.install(
                        project,
                        // Not with the project's own: it would make what other projects are given.
                        environment.apply(List.of()),
                        new DependencyInstaller.Places(folder.scratch(), folder.record()),
                        cancel);
    }

    private Path lastKnown(RunRequest request, Program program, RunFolder folder) throws SourceException {
        Optional<Path> kept = kept(request);
        if (kept.isPresent()) {
            try {
                Trees.copy(kept.get(), folder.project());
                return folder.project();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sources.fetch(request.run().stack(), program.source(), program.revision(), folder.project());
    }

    /** An empty runtime: nobody knows, after a restart without the source. What is inline is YAML. */
    private static boolean mayHaveProviders(Program program) {
        String runtime = program.revision().runtime();
        return program.source().inline() == null && (runtime.isEmpty() || Manifests.known(runtime));
    }

    /** Git has its own memory; a ConfigMap is often deleted together with the Stack that it is the program of. */
    private static boolean isKept(Program program) {
        return program.source().configMap() != null
                && Manifests.known(program.revision().runtime());
    }

    private Optional<Path> kept(RunRequest request) {
        Path home = paths.programs(request.run().stack());
        if (!Files.isDirectory(home)) {
            return Optional.empty();
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(home, "program-*")) {
            var all = found.iterator();
            return all.hasNext() ? Optional.of(all.next()) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void keep(RunRequest request, Path project) {
        Path home = paths.programs(request.run().stack());
        String digest = request.program().orElseThrow().revision().digest().replaceAll("[^A-Za-z0-9]", "-");
        Path wanted = home.resolve("program-" + digest);
        if (Files.exists(wanted)) {
            return;
        }
        try {
            Trees.delete(home);
            Files.createDirectories(home);
            Path incomplete = home.resolve("incomplete");
            Trees.copy(project, incomplete);
            Files.move(incomplete, wanted);
        } catch (IOException e) {
            // Only a destroy without the source would miss it.
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("update", request.run().update())
                    .log("the program was not kept");
        }
    }

    private static void hideProjectFiles(Path project) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(project, "Pulumi*.{yaml,yml,json}")) {
            for (Path file : files) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
