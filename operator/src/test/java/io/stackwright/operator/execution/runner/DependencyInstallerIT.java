package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.RealPulumi;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.operator.engine.automation.AutomationEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Installations by the real CLI and the real package managers, of small packages. */
@Timeout(300)
class DependencyInstallerIT {

    private static final String NODE = "name: n\nruntime: nodejs\n";
    private static final String PACKAGE = """
        {"name": "n", "version": "1.0.0", "private": true, "dependencies": {"semver": "%s"}}
        """;

    /** Not the common pool: the end of a process is told there, and an installation waits for that. */
    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    @TempDir
    private Path folder;

    private RecordingCli cli;
    private DependencyInstaller installer;
    private Map<String, String> environment;
    private Path cache;

    @BeforeEach
    void prepare() {
        RealPulumi pulumi = RealPulumi.in(folder);
        cli = RecordingCli.of(RealPulumi.cli(), folder);
        cache = folder.resolve("cache");
        installer = installer();
        environment = new HashMap<>(pulumi.environment());
        System.getenv().forEach((name, value) -> {
            if (name.startsWith("PIP_") || name.startsWith("npm_config_")) {
                environment.put(name, value);
            }
        });
    }

    @Test
    void theSameManifestsAreInstalledOnceAndOthersAgain() throws Exception {
        // given
        Path one = project("one", Map.of("Pulumi.yaml", NODE, "package.json", PACKAGE.formatted("7.6.3")));
        Path two = project(
                "two",
                Map.of(
                        "Pulumi.yaml",
                        "name: other\nruntime: nodejs\ndescription: x\n",
                        "package.json",
                        PACKAGE.formatted("7.6.3")));
        Path three = project("three", Map.of("Pulumi.yaml", NODE, "package.json", PACKAGE.formatted("7.6.2")));

        // when
        install(one);
        environment.put("PATH", "/nowhere:" + environment.get("PATH"));
        install(two);
        installer = installer();
        install(two("again"));

        // then one installation does for all, also after a restart
        assertThat(installs()).isEqualTo(1);
        assertThat(version(one)).contains("\"version\": \"7.6.3\"");
        assertThat(version(two)).isEqualTo(version(one));

        // when
        install(three);

        // then
        assertThat(installs()).isEqualTo(2);
        assertThat(version(three)).contains("\"version\": \"7.6.2\"");
        assertThat(version(one)).contains("\"version\": \"7.6.3\"");
    }

    @Test
    void ofTwoAtOnceOneInstallsAndTheOtherWaits() throws Exception {
        // given
        Map<String, String> files = Map.of("Pulumi.yaml", NODE, "package.json", PACKAGE.formatted("7.6.3"));
        List<Path> projects = List.of(project("one", files), project("two", files), project("three", files));

        // when
        List<CompletableFuture<Void>> all = projects.stream()
                .map(project -> CompletableFuture.runAsync(() -> install(project), THREADS))
                .toList();
        all.forEach(CompletableFuture::join);

        // then
        assertThat(installs()).isEqualTo(1);
        for (Path project : projects) {
            assertThat(version(project)).contains("\"version\": \"7.6.3\"");
        }
    }

    @Test
    void aFailedInstallationLeavesNothingAndSaysWhatNpmSaid() throws Exception {
        // given
        Path project = project("bad", Map.of("Pulumi.yaml", NODE, "package.json", PACKAGE.formatted("0.0.0-nope")));

        // when, then
        assertThatThrownBy(() -> install(project)).isInstanceOfSatisfying(EngineException.class, e -> {
            assertThat(e.failure().reason()).isEqualTo(Reason.InstallFailed);
            assertThat(e.failure().kind()).isEqualTo(Failure.Kind.FAILED);
            assertThat(e.failure().message())
                    .contains("No matching version found for semver@0.0.0-nope")
                    .hasSizeLessThanOrEqualTo(4096);
        });
        assertThat(cache).isEmptyDirectory();
        assertThat(project.resolve("node_modules")).doesNotExist();
    }

    @Test
    void aFailedInstallationSaysWhatPipSaid() throws Exception {
        // given
        Path project = project(
                "bad", Map.of("Pulumi.yaml", "name: p\nruntime: python\n", "requirements.txt", "semver==99.99.99\n"));

        // when, then
        assertThatThrownBy(() -> install(project)).isInstanceOfSatisfying(EngineException.class, e -> {
            assertThat(e.failure().reason()).isEqualTo(Reason.InstallFailed);
            assertThat(e.failure().kind()).isEqualTo(Failure.Kind.FAILED);
            assertThat(e.failure().message()).contains("No matching distribution found for semver==99.99.99");
        });
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void anInterruptedInstallationIsDoneAgain() throws Exception {
        // given
        Path project = project("one", Map.of("Pulumi.yaml", NODE, "package.json", PACKAGE.formatted("7.6.3")));
        CancelToken cancel = new CancelToken();
        CompletableFuture<Void> first =
                CompletableFuture.runAsync(() -> installer.install(project, environment, places(project), cancel));
        await().atMost(Duration.ofSeconds(60)).until(() -> installs() == 1);

        // when
        cancel.interrupt();

        // then
        assertThatThrownBy(first::join)
                .cause()
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.failure().kind()).isEqualTo(Failure.Kind.CANCELLED));

        // when what a killed operator leaves is there too
        install(project);
        Path entry = only(cache);
        Files.delete(entry.resolve(".complete"));
        Files.delete(project.resolve("node_modules"));
        Files.delete(entry.resolve("node_modules/semver/package.json"));
        install(project);

        // then
        assertThat(version(project)).contains("\"version\": \"7.6.3\"");
        assertThat(only(cache)).isNotEqualTo(entry);
    }

    @Test
    void whatPointsIntoTheProjectIsInstalledInPlace() throws Exception {
        // given
        Path project = project(
                "local",
                Map.of(
                        "Pulumi.yaml",
                        NODE,
                        "package.json",
                        PACKAGE.formatted("file:./mine"),
                        "mine/package.json",
                        "{\"name\": \"semver\", \"version\": \"0.0.1\"}"));

        // when
        install(project);

        // then
        assertThat(project.resolve("node_modules")).isDirectory().matches(path -> !Files.isSymbolicLink(path));
        assertThat(version(project)).contains("0.0.1");
        assertThat(cache).doesNotExist();
    }

    @Test
    void aVirtualEnvironmentStaysOutOfTheProgramsOwnFolders() throws Exception {
        // given
        Path project = project(
                "py",
                Map.of(
                        "Pulumi.yaml",
                        "name: p\nruntime: python\n",
                        "requirements.txt",
                        "semver==3.0.2\n",
                        "lib/mine.py",
                        "x = 1\n",
                        "bin/deploy",
                        "not an environment\n"));

        // when
        List<Path> executables = install(project);

        // then
        assertThat(project)
                .isDirectoryNotContaining(path -> List.of("pyvenv.cfg", "include", "venv")
                        .contains(path.getFileName().toString()));
        assertThat(project.resolve("lib")).isDirectoryContaining("glob:**/mine.py");
        assertThat(executables).hasSize(1).first().matches(path -> path.startsWith(cache));
        Process python =
                new ProcessBuilder(executables.getFirst().resolve("python3").toString(), "-c", "import semver").start();
        assertThat(python.waitFor()).isZero();
    }

    @Test
    void aProjectThatBringsItsModulesIsLeftAlone() throws Exception {
        // given
        Path project = project(
                "own",
                Map.of("Pulumi.yaml", NODE, "package.json", PACKAGE.formatted("7.6.3"), "node_modules/x/index.js", ""));

        // when
        install(project);

        // then
        assertThat(installs()).isZero();
    }

    private DependencyInstaller installer() {
        return new DependencyInstaller(
                new AutomationEngine(cli.command(), RealPulumi.searchPath()),
                List.of(new DependencyCache(cache, DependencyCache.Sharing.OWN, Clock.systemUTC())));
    }

    private List<Path> install(Path project) {
        return installer.install(project, environment, places(project), new CancelToken());
    }

    private Path two(String name) throws IOException {
        return project(name, Map.of("Pulumi.yaml", NODE, "package.json", PACKAGE.formatted("7.6.3")));
    }

    private Path project(String name, Map<String, String> files) throws IOException {
        Path project = folder.resolve("work").resolve(name);
        for (var file : files.entrySet()) {
            RealPulumi.write(project.resolve(file.getKey()), file.getValue());
        }
        Files.createDirectories(scratch(project));
        return project;
    }

    private static DependencyInstaller.Places places(Path project) {
        return new DependencyInstaller.Places(scratch(project), Optional.empty());
    }

    private static Path scratch(Path project) {
        return project.resolveSibling(project.getFileName() + "-scratch");
    }

    private static String version(Path project) throws IOException {
        return Files.readString(project.resolve("node_modules/semver/package.json"));
    }

    private static Path only(Path cache) throws IOException {
        try (Stream<Path> entries = Files.list(cache)) {
            List<Path> all = entries.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    private long installs() {
        return cli.calls().stream()
                .filter(call -> call.getFirst().equals("install"))
                .count();
    }
}
