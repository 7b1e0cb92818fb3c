package io.stackwright.operator.languages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.testkit.GitServer;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a project brings runs as its program, and not in the place of the operator's own tools. */
class ProjectExecutablesIT {

    private static final String PACKAGE = """
        {"name": "brings", "version": "1.0.0", "private": true, "dependencies": {"semver": "7.6.3"}}
        """;

    @TempDir
    private Path folder;

    @Test
    void aProjectsOwnNodeNeitherTellsTheVersionNorInstallsWhatOthersShare() throws IOException {
        // given a search path of the project's own, and a lock file that others may have too
        RecordingCli cli = RecordingCli.of(Toolchain.pulumi(), folder);
        Path data = folder.resolve("data");
        Path called = folder.resolve("called");
        try (RunningOperator operator = RunningOperator.start(data, cli.command(), RunningOperator.environment());
                GitServer git = GitServer.start()) {
            Scenario scenario = new Scenario(operator);
            scenario.trust(git, "git-ca");
            GitServer.Repository repository = git.create("brings");
            for (String tool : new String[] {"node", "npm"}) {
                RecordingCli.script(
                        Files.createDirectories(repository.work().resolve("venv/bin"))
                                .resolve(tool),
                        "#!/bin/sh\necho %s \"$@\" >> '%s'\nexit 1\n".formatted(tool, called));
            }
            repository.commit(Map.of(
                    "Pulumi.yaml", "name: brings\nruntime: nodejs\n",
                    "package.json", PACKAGE,
                    "index.js", ""));

            // when
            scenario.apply("brings", """
                project: {git: {url: "%s", branch: main, secretRef: {name: git-ca}}}
                """.formatted(git.url("brings")));

            // then its program fails, after an installation by the operator's npm
            await().atMost(Scenario.PATIENCE)
                    .until(() -> scenario.get("brings").getStatus() != null
                            && scenario.get("brings").getStatus().failures() != null);
            assertThat(scenario.get("brings").getStatus().failures())
                    .satisfies(failure ->
                            assertThat(failure.reason()).as(failure.message()).isNotEqualTo("InstallFailed"));
            assertThat(cli.calls()).anyMatch(call -> call.getFirst().equals("install"));
            assertThat(Scenario.ledger(called))
                    .noneMatch(call -> call.contains("process.arch"))
                    .noneMatch(call -> call.startsWith("npm"));
        }
    }
}
