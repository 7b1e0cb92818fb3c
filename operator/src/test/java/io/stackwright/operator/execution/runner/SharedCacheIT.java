package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.RealPulumi;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.operator.engine.Wheels;
import io.stackwright.operator.engine.automation.AutomationEngine;
import io.stackwright.operator.telemetry.Tracing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Installations by the real CLI and the real pip into a cache that several pods, or an image, provide. */
@Timeout(300)
class SharedCacheIT {

    private static final Map<String, String> PROGRAM =
            Map.of("Pulumi.yaml", "name: p\nruntime: python\n", "requirements.txt", Wheels.REQUIREMENT + "\n");

    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    @TempDir
    private Path folder;

    private RecordingCli cli;
    private Path cache;
    private Map<String, String> process;

    @BeforeEach
    void prepare() throws IOException {
        cli = RecordingCli.of(RealPulumi.cli(), folder);
        cache = Files.createDirectory(folder.resolve("cache"));
        process = new HashMap<>(Wheels.in(folder.resolve("wheels")));
        process.put("PATH", RealPulumi.searchPath());
    }

    /** One run as its pod sees it: everything is its own but the cache. */
    private final class Pod {
        private final Path data;
        private final RunPaths paths;
        private final DependencyInstaller installer;

        Pod(String name, Optional<CacheFolder> cache) {
            this(name, cache, cli.command());
        }

        Pod(String name, Optional<CacheFolder> cache, String command) {
            data = folder.resolve("pods").resolve(name);
            paths = new RunPaths(data, cache);
            installer = new DependencyInstaller(
                    new AutomationEngine(command, RealPulumi.searchPath()), paths.dependencies(Clock.systemUTC()));
        }

        /** Installs what a project with these files needs, and gives the Python that its program runs on. */
        Path install(Map<String, String> files) {
            try (RunFolder run = RunFolder.create(paths.work("uid"), paths.preparePlugins(), Optional.empty())) {
                files.forEach((name, text) -> RealPulumi.write(run.project().resolve(name), text));
                Map<String, String> environment = RunEnvironment.ofPod(process, paths, Set.of(), Tracing.of(Map.of()))
                        .of(run, "uid", List.of(), "file://" + data.resolve("state"), "x", Map.of());
                List<Path> executables = installer.install(
                        run.project(),
                        environment,
                        new DependencyInstaller.Places(run.scratch(), Optional.empty()),
                        new CancelToken());
                return executables.getFirst().resolve("python3");
            }
        }
    }

    @Test
    void twoPodsInstallTheSameAtOnceAndTheNextOneFindsIt() throws Exception {
        // when
        List<CompletableFuture<Path>> both = Stream.of("one", "two")
                .map(name -> new Pod(name, CacheFolder.at(cache)))
                .map(pod -> CompletableFuture.supplyAsync(() -> pod.install(PROGRAM), THREADS))
                .toList();

        // then neither waits for the other, nor destroys what it is at
        await().atMost(Duration.ofSeconds(60)).until(() -> entries(cache).size() == 2);
        for (CompletableFuture<Path> pod : both) {
            Path python = pod.join();
            assertThat(python).startsWithRaw(cache);
            assertGreets(python);
        }
        assertThat(entries(cache)).hasSize(2).allMatch(SharedCacheIT::isComplete);
        assertThat(installs()).isEqualTo(2);

        // when
        Path third = new Pod("three", CacheFolder.at(cache)).install(PROGRAM);

        // then
        assertThat(installs()).isEqualTo(2);
        assertThat(third).startsWithRaw(entries(cache).getFirst());
        assertGreets(third);
    }

    @Test
    void anImageIsFilledOnceAndUsedWithoutBeingWritten() throws Exception {
        // given
        Path project = folder.resolve("project");
        PROGRAM.forEach((name, text) -> RealPulumi.write(project.resolve(name), text));

        // when
        int exit = CacheMain.run(List.of(cache.toString(), project.toString()), process);

        // then
        assertThat(exit).isZero();
        assertThat(entries(cache)).singleElement().matches(SharedCacheIT::isComplete);
        assertThat(cache.resolve("plugins")).isDirectory();
        assertThat(cache.resolve("caches")).doesNotExist();
        assertThat(all(project)).as("the project is as it was").hasSize(3);
        assertThat(all(cache)).allMatch(SharedCacheIT::isReadableByAll);

        // given
        RealPulumi.write(cache.resolve("plugins/resource-greet-v1.2.3/pulumi-resource-greet"), "#!/bin/sh\n");
        List<Path> before = all(cache);
        Pod pod = new Pod("pod", Optional.of(new CacheFolder(cache, false)));

        // when
        Path python = pod.install(PROGRAM);

        // then
        assertThat(installs()).isZero();
        assertThat(python).startsWithRaw(cache);
        assertGreets(python);
        assertThat(plugins(pod)).contains("\"greet\"", "1.2.3");

        // when it lacks something
        Path other = pod.install(Map.of(
                "Pulumi.yaml", "name: p\nruntime: python\n", "requirements.txt", Wheels.REQUIREMENT + " # another\n"));

        // then
        assertThat(installs()).isEqualTo(1);
        assertThat(other).startsWithRaw(pod.data);
        assertGreets(other);
        assertThat(all(cache)).isEqualTo(before);
    }

    @Test
    void whatCannotBeInstalledSaysWhy() {
        // given
        Path project = folder.resolve("project");
        RealPulumi.write(project.resolve("Pulumi.yaml"), "name: p\nruntime: python\n");
        RealPulumi.write(project.resolve("requirements.txt"), "greet==7.0\n");

        // then
        assertThat(CacheMain.run(List.of(cache.toString(), project.toString()), process))
                .isEqualTo(1);
        assertThat(entries(cache)).isEmpty();
        assertThat(CacheMain.run(List.of(cache.toString()), process)).isEqualTo(2);
        assertThat(CacheMain.run(List.of(cache.toString(), folder + "/nowhere"), process))
                .isEqualTo(2);
    }

    @Test
    void aRunGoesOnWithoutACacheThatBecomesFull() throws Exception {
        // given
        Path full = RecordingCli.script(folder.resolve("full-pulumi"), """
            #!/bin/sh
            case "$PWD" in
              '%s'/*) echo 'OSError: [Errno 28] No space left on device' >&2; exit 1 ;;
            esac
            exec '%s' "$@"
            """.formatted(cache, RealPulumi.cli()));
        Pod pod = new Pod("pod", CacheFolder.at(cache), full.toString());

        // when
        Path python = pod.install(PROGRAM);

        // then
        assertThat(python).startsWithRaw(pod.data);
        assertGreets(python);
        assertThat(entries(cache)).as("what was begun is removed").isEmpty();
    }

    @Test
    void aRunGoesOnWithoutACacheThatBreaks() throws Exception {
        // given
        Pod pod = new Pod("pod", CacheFolder.at(cache));
        Files.delete(cache.resolve("dependencies"));
        Files.createSymbolicLink(cache.resolve("dependencies"), folder.resolve("gone"));

        // when
        Path python = pod.install(PROGRAM);

        // then
        assertThat(python).startsWithRaw(pod.data);
        assertGreets(python);
    }

    private static void assertGreets(Path python) throws Exception {
        Process process = new ProcessBuilder(python.toString(), "-B", "-c", "import greet; print(greet.word)").start();
        assertThat(process.inputReader().readLine()).isEqualTo("hello");
        assertThat(process.waitFor()).isZero();
    }

    /** What the CLI says it has, in a run of that pod. */
    private String plugins(Pod pod) throws Exception {
        try (RunFolder run = RunFolder.create(pod.paths.work("uid"), pod.paths.preparePlugins(), Optional.empty())) {
            ProcessBuilder builder = new ProcessBuilder(RealPulumi.cli().toString(), "plugin", "ls", "--json");
            builder.environment().put("PULUMI_HOME", run.pulumiHome().toString());
            return new String(builder.start().getInputStream().readAllBytes());
        }
    }

    private long installs() {
        return cli.calls().stream()
                .filter(call -> call.getFirst().equals("install"))
                .count();
    }

    private static List<Path> entries(Path cache) {
        Path dependencies = cache.resolve("dependencies");
        return Files.isDirectory(dependencies)
                ? list(dependencies).filter(Files::isDirectory).sorted().toList()
                : List.of();
    }

    private static Stream<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isComplete(Path entry) {
        return Files.exists(entry.resolve(".complete"));
    }

    private static List<Path> all(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.sorted().toList();
        }
    }

    private static boolean isReadableByAll(Path path) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            return permissions.contains(PosixFilePermission.OTHERS_READ)
                    && (!Files.isDirectory(path) || permissions.contains(PosixFilePermission.OTHERS_EXECUTE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
