package io.stackwright.operator.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.badinput.Row.Expectation;
import io.stackwright.operator.engine.Wheels;
import io.stackwright.testkit.GitServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a project consists of: rows 29 to 34 and 40; what it does while it runs is in {@link ProgramRows}. */
final class ContentRows {

    private ContentRows() {}

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(29, "no Pulumi.yaml", world -> {
            world.configMap("r29-missing", Map.of("other.yaml", "x"));
            world.apply("r29-missing", "project: {configMap: {name: r29-missing}}");
            return world.stalled("r29-missing", Reason.SourceInvalid, "Pulumi.yaml");
        }));
        rows.add(file(29, "r29-empty", "an empty Pulumi.yaml", new byte[0], "Pulumi.yaml is empty"));
        rows.add(new Row(29, "a Pulumi.yaml of several MiB", ContentRows::largeFile));
        rows.add(new Row(29, "a Pulumi.yaml of 50 MiB", ContentRows::hugeFile));
        rows.add(file(29, "r29-bomb", "a Pulumi.yaml of nested aliases", bytes(bomb()), "aliases"));
        rows.add(file(29, "r29-tabs", "a Pulumi.yaml with tabs", bytes("name: x\nruntime:\n\tname: yaml\n"), "tab"));
        rows.add(file(29, "r29-twice", "a key twice", bytes("name: x\nname: y\nruntime: yaml\n"), "a key twice"));
        rows.add(file(
                29, "r29-latin", "a Pulumi.yaml that is no UTF-8", new byte[] {'n', (byte) 0xff, 0, 1}, "not UTF-8"));
        rows.add(file(
                29, "r29-deep", "deep nesting", bytes("name: x\nruntime: yaml\na: " + "[".repeat(90_000)), "nested"));
        rows.add(new Row(
                30,
                "a path out of the repository",
                world -> world.refused(
                        "r30-path",
                        "project: {git: {url: \"https://localhost:1/x.git\", path: \"../../..\"}}",
                        "spec.project.git",
                        Reason.SourceInvalid)));
        rows.add(new Row(30, "a path that is a symbolic link out", ContentRows::linkedPath));
        for (String main : List.of("../../..", "/etc", "a/../../b")) {
            String name = "r31-" + (main.startsWith("/") ? "absolute" : main.startsWith("a") ? "inside-out" : "up");
            rows.add(file(
                    31, name, "main: " + main, bytes("name: x\nruntime: yaml\nmain: " + main + "\n"), "main outside"));
        }
        rows.add(new Row(32, "another backend in Pulumi.yaml: the Stack's wins", ContentRows::otherBackend));
        rows.add(plugin("r33-absolute", "providers", "/bin"));
        rows.add(plugin("r33-up", "providers", "../plugin"));
        rows.add(plugin("r33-language", "languages", "/bin"));
        rows.add(plugin("r33-analyzer", "analyzers", "a/../../b"));
        rows.add(new Row(33, "a package from a server: as much code as the program", ContentRows::packageFromServer));
        rows.add(new Row(34, "a committed secrets provider", ContentRows::committedProvider));
        rows.add(new Row(34, "a committed salt that is not the stack's", ContentRows::committedSalt));
        rows.add(new Row(40, "npm scripts at install: same environment as the program", ContentRows::npmScript));
        rows.add(new Row(40, "pip builds at install: same environment as the program", ContentRows::pipBuild));
        return rows;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Row file(int number, String name, String what, byte[] content, String message) {
        return new Row(number, what, world -> {
            world.program(name, content);
            world.apply(name, "project: {configMap: {name: " + name + "}}");
            return world.stalled(name, Reason.SourceInvalid, "Pulumi.yaml", message);
        });
    }

    private static String bomb() {
        StringBuilder yaml = new StringBuilder("name: x\nruntime: yaml\na0: &a0 [x, x]\n");
        for (int i = 1; i < 60; i++) {
            yaml.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        return yaml.toString();
    }

    private static Expectation largeFile(World world) {
        world.git()
                .create("r29")
                .commit(Map.of("Pulumi.yaml", SourceRows.PROJECT.formatted("x") + "# " + "x".repeat(2 << 20) + "\n"));
        world.apply("r29-large", SourceRows.git(world, "r29", ""));
        return world.stalled("r29-large", Reason.SourceInvalid, "Pulumi.yaml is larger than 1 MiB");
    }

    /** Some 50 KiB on the way: what it grows to is counted. */
    private static Expectation hugeFile(World world) {
        world.git()
                .create("r29-huge")
                .commit(Map.of("Pulumi.yaml", SourceRows.PROJECT.formatted("x") + "# " + "x".repeat(50 << 20) + "\n"));
        world.apply("r29-huge", SourceRows.git(world, "r29-huge", ""));
        return world.stalled("r29-huge", Reason.SourceInvalid, BadInputsIT.MAX_SOURCE + " bytes");
    }

    private static Expectation linkedPath(World world) throws Exception {
        GitServer.Repository repository = world.git().create("r30");
        Files.createSymbolicLink(repository.work().resolve("out"), Path.of("/etc"));
        repository.commit(Map.of("Pulumi.yaml", SourceRows.PROJECT.formatted("r30")));
        world.apply("r30-link", SourceRows.git(world, "r30", ", path: out"));
        world.apply("r30-tree", SourceRows.git(world, "r30", ""));
        return () -> {
            world.stalled("r30-link", Reason.SourceInvalid, "symbolic links are not followed")
                    .check();
            // Only the fetch sees the whole tree.
            world.stalled("r30-tree", Reason.SourceInvalid, "symbolic link").check();
        };
    }

    private static Expectation otherBackend(World world) throws Exception {
        Path other = Files.createDirectories(world.folder().resolve("other-backend"));
        world.program("r32", SourceRows.PROJECT.formatted("r32") + "backend: {url: \"file://" + other + "\"}\n");
        world.apply("r32-backend", "project: {configMap: {name: r32}}");
        return () -> {
            Stack stack = world.scenario().awaitReady("r32-backend");
            assertThat(other).isEmptyDirectory();
            assertThat(world.scenario().inBackend("r32", "r32-backend")).isTrue();
            assertThat(stack.getStatus().stack().backend()).doesNotContain("other-backend");
        };
    }

    private static Row plugin(String name, String kind, String path) {
        String yaml = "name: x\nruntime: yaml\nplugins: {" + kind + ": [{name: evil, path: \"" + path + "\"}]}\n";
        return file(33, name, kind + " at " + path, bytes(yaml), "plugin outside of the project");
    }

    /** Who writes a program decides what it loads; it goes wrong like any dependency that cannot be had. */
    private static Expectation packageFromServer(World world) {
        world.program(
                "r33",
                SourceRows.PROJECT.formatted("r33") + "packages: {evil: {source: \"https://127.0.0.1:1/evil\"}}\n"
                        + "resources: {x: {type: \"evil:index:Thing\"}}\n");
        world.apply("r33-package", "project: {configMap: {name: r33}}");
        return () -> {
            org.awaitility.Awaitility.await()
                    .atMost(World.PATIENCE)
                    .untilAsserted(() -> assertThat(world.scenario()
                                    .condition("r33-package", "Ready")
                                    .reason())
                            .isIn("UpdateFailed", "RuntimeMissing", "BackendUnavailable"));
        };
    }

    private static Expectation committedProvider(World world) {
        world.configMap(
                "r34",
                Map.of(
                        "Pulumi.yaml",
                        SourceRows.PROJECT.formatted("r34"),
                        "Pulumi.r34-provider.yaml",
                        "secretsprovider: awskms://alias/other\nconfig: {}\n"));
        world.apply("r34-provider", "project: {configMap: {name: r34}}");
        return () -> assertThat(world.awaitStalled("r34-provider", Reason.SettingsConflict)
                        .message())
                .contains("committed stack settings file");
    }

    private static Expectation committedSalt(World world) {
        world.configMap("r34-salt", Map.of("Pulumi.yaml", SourceRows.PROJECT.formatted("r34s")));
        world.apply("r34-salt", "project: {configMap: {name: r34-salt}}");
        return () -> {
            world.scenario().awaitReady("r34-salt");
            world.configMap(
                    "r34-salt",
                    Map.of(
                            "Pulumi.yaml",
                            SourceRows.PROJECT.formatted("r34s"),
                            "Pulumi.r34-salt.yaml",
                            "encryptionsalt: v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n"));
            assertThat(world.awaitStalled("r34-salt", Reason.SettingsConflict).message())
                    .contains("`encryptionsalt` that is not this stack's");
        };
    }

    private static Expectation npmScript(World world) {
        Path seen = world.folder().resolve("r40-environment");
        world.configMap(
                "r40",
                Map.of(
                        "Pulumi.yaml",
                        "name: r40\nruntime: nodejs\n",
                        "index.js",
                        "exports.out = 'fine';",
                        "package.json",
                        "{\"name\": \"r40\", \"main\": \"index.js\", \"scripts\": {\"postinstall\": \"env > " + seen
                                + "\"}}"));
        world.apply("r40-install", "project: {configMap: {name: r40}}\nupdates: {timeout: 2m}");
        return environmentOfTheProgram(world, seen);
    }

    /** The project is a package itself, and brings what builds it, as a {@code setup.py} would. */
    private static Expectation pipBuild(World world) {
        Path seen = world.folder().resolve("r40-environment-python");
        Map<String, String> pip = Wheels.in(world.folder().resolve("r40-wheels"));
        world.configMap(
                "r40-python",
                Map.of(
                        "Pulumi.yaml",
                        "name: r40p\nruntime: python\n",
                        "__main__.py",
                        "",
                        "requirements.txt",
                        ".\n",
                        "pyproject.toml",
                        "[build-system]\nrequires = []\nbuild-backend = \"builds\"\nbackend-path = [\".\"]\n",
                        "builds.py",
                        """
                        import os
                        with open("%s", "w") as seen:
                            seen.writelines(f"{name}={value}\\n" for name, value in os.environ.items())
                        """.formatted(seen)));
        world.apply("r40-python", """
            project: {configMap: {name: r40-python}}
            env: [%s]
            updates: {timeout: 2m}
            """.formatted(pip.entrySet().stream()
                .map(variable -> "{name: %s, value: \"%s\"}".formatted(variable.getKey(), variable.getValue()))
                .collect(Collectors.joining(", "))));
        return environmentOfTheProgram(world, seen);
    }

    private static Expectation environmentOfTheProgram(World world, Path seen) {
        return () -> {
            org.awaitility.Awaitility.await()
                    .atMost(World.PATIENCE)
                    .until(() -> Files.exists(seen) && Files.size(seen) > 0);
            List<String> environment = Scenario.ledger(seen);
            assertThat(environment)
                    .anyMatch(line -> line.startsWith("HOME=" + world.operator().data()))
                    .noneMatch(line ->
                            BadInputsIT.OPERATORS.keySet().stream().anyMatch(name -> line.startsWith(name + "=")))
                    .noneMatch(line -> BadInputsIT.OPERATORS.values().stream().anyMatch(line::contains));
        };
    }
}
