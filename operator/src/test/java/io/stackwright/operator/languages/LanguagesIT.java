package io.stackwright.operator.languages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.testkit.GitServer;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs in Python and Node, with a component and a dynamic provider, from source to ledger and back. */
class LanguagesIT {

    @TempDir
    private static Path folder;

    private static RecordingCli cli;
    private static RunningOperator operator;
    private static Scenario scenario;
    private static GitServer git;

    @BeforeAll
    static void startOperator() {
        cli = RecordingCli.of(Toolchain.pulumi(), folder);
        operator = RunningOperator.start(folder.resolve("data"), cli.command(), RunningOperator.environment());
        scenario = new Scenario(operator);
        git = GitServer.start();
        scenario.trust(git, "git-ca");
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
        git.close();
    }

    @Test
    void aPythonProgramFromGit() {
        // given
        GitServer.Repository repository = git.create("ledger");
        Scenario.program("python-ledger")
                .forEach((path, text) -> write(repository.work().resolve(path), text));
        repository.commitAll();
        Path ledger = folder.resolve("python.ledger");

        // when
        scenario.apply("py", """
            project: {git: {url: "%s", branch: main, secretRef: {name: git-ca}}}
            config: {ledger: "%s"}
            """.formatted(git.url("ledger"), ledger));

        // then
        Stack up = scenario.awaitReady("py");
        assertThat(up.getStatus().outputs().get("titles").toString()).isEqualTo("[\"A\",\"B\"]");
        assertThat(up.getStatus().outputs().get("count").intValue()).isEqualTo(2);
        assertThat(up.getStatus().secretOutputs()).containsExactly("sealed");
        assertThat(Scenario.ledger(ledger))
                .containsExactlyInAnyOrder("create a start", "create a end", "create b start", "create b end");
        assertThat(installs()).isEqualTo(1);

        // when a value changes, then one resource does, and nothing is installed again
        scenario.patch("py", "{\"spec\": {\"config\": {\"items\": \"a=2,b=1,c=1\"}}}");
        await().atMost(Scenario.PATIENCE)
                .until(() -> scenario.output("py", "count").intValue() == 3);
        scenario.awaitReady("py");
        Update second = scenario.updates("py").getLast();
        assertThat(scenario.updates("py")).hasSize(2);
        assertThat(changes(second)).returns(1, RunStatus.Changes::update).returns(1, RunStatus.Changes::create);
        assertThat(Scenario.ledger(ledger).subList(4, 8))
                .containsExactlyInAnyOrder("update a start", "update a end", "create c start", "create c end");
        assertThat(installs()).isEqualTo(1);

        // when another Stack has the same manifests, then it shares what is installed
        scenario.apply("py-two", """
            stackName: two
            project: {git: {url: "%s", branch: main, secretRef: {name: git-ca}}}
            config: {ledger: "%s"}
            """.formatted(git.url("ledger"), folder.resolve("python-two.ledger")));
        scenario.awaitReady("py-two");
        assertThat(installs()).isEqualTo(1);

        // when the repository is gone, and the Stack goes
        move(repository.directory(), folder.resolve("gone.git"));
        scenario.delete("py");

        // then nothing is left
        scenario.awaitGone("py");
        assertThat(Scenario.ledger(ledger))
                .filteredOn(line -> line.startsWith("delete") && line.endsWith("end"))
                .containsExactlyInAnyOrder("delete a end", "delete b end", "delete c end");
        assertThat(scenario.inBackend("python-ledger", "py")).isFalse();
        assertThat(installs()).isEqualTo(1);
    }

    @Test
    void aNodeProgramFromAConfigMapThatGoesWithItsStack() {
        // given
        scenario.configMap("node", Scenario.program("node-ledger"));
        Path ledger = folder.resolve("node.ledger");

        // when
        scenario.apply("js", """
            project: {configMap: {name: node}}
            config: {ledger: "%s"}
            """.formatted(ledger));

        // then
        Stack up = scenario.awaitReady("js");
        assertThat(up.getStatus().outputs().get("titles").toString()).isEqualTo("[\"A\",\"B\"]");
        assertThat(Scenario.ledger(ledger)).hasSize(4);

        // when
        scenario.patch("js", "{\"spec\": {\"config\": {\"items\": \"a=1,b=2\"}}}");
        await().atMost(Scenario.PATIENCE)
                .until(() -> scenario.updates("js").size() == 2
                        && scenario.updates("js").getLast().getStatus().phase() == Phase.Succeeded);

        // then
        assertThat(changes(scenario.updates("js").getLast()))
                .returns(1, RunStatus.Changes::update)
                .returns(0, RunStatus.Changes::create);
        assertThat(Scenario.ledger(ledger)).endsWith("update b start", "update b end");

        // when program and Stack are deleted together
        scenario.deleteConfigMap("node");
        scenario.delete("js");

        // then
        scenario.awaitGone("js");
        assertThat(Scenario.ledger(ledger)).contains("delete a end", "delete b end");
        assertThat(scenario.inBackend("node-ledger", "js")).isFalse();
        assertThat(operator.data().resolve("programs/" + operator.namespace() + "/js"))
                .doesNotExist();
    }

    private static RunStatus.Changes changes(Update update) {
        return update.getStatus().run().changes();
    }

    /** How often Python's dependencies were installed. */
    private static long installs() {
        return cli.calls().stream()
                .filter(call -> call.getFirst().equals("install"))
                .count();
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
