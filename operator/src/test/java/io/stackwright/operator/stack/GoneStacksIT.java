package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.GitServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stacks whose finalizer somebody takes off, so that they go without being let go. */
class GoneStacksIT {

    private static final String BROKEN = """
        project:
          inline:
            name: broken
            runtime: yaml
            outputs: {out: "${nothing}"}
        """;

    @TempDir
    private Path data;

    private RunningOperator operator;
    private Scenario scenario;

    @BeforeEach
    void start() {
        operator = RunningOperator.start(data);
        scenario = new Scenario(operator);
    }

    @AfterEach
    void stop() {
        operator.close();
    }

    @Test
    void theirRepositoryIsFollowedNoMore() {
        try (GitServer git = GitServer.start()) {
            // given
            scenario.trust(git, "git-ca");
            for (String name : List.of("stays", "gone")) {
                git.create(name)
                        .commit(Map.of("Pulumi.yaml", "name: %s\nruntime: yaml\noutputs: {a: 1}\n".formatted(name)));
                scenario.apply(
                        name,
                        "project: {git: {url: '%s', branch: main, secretRef: {name: git-ca}}}"
                                .formatted(git.url(name)));
                scenario.awaitReady(name);
            }
            assertThat(names("git")).hasSize(2);
            force("gone");

            // then, at the latest when a look that was under way has ended
            await().untilAsserted(() -> {
                operator.sweep();
                assertThat(names("git")).hasSize(1);
                assertThat(names("logs/" + operator.namespace())).containsExactly("stays");
            });

            // and one that comes anew under the same name is followed again
            scenario.apply(
                    "gone",
                    "project: {git: {url: '%s', branch: main, secretRef: {name: git-ca}}}".formatted(git.url("gone")));
            scenario.awaitReady("gone");
            operator.sweep();
            assertThat(names("git")).hasSize(2);
            assertThat(names("logs/" + operator.namespace())).containsExactlyInAnyOrder("gone", "stays");
        }
    }

    /** Also where nobody was there to see it. */
    @Test
    void theirFilesGoWithTheNextStart() {
        // given
        scenario.apply("broken", BROKEN);
        await().untilAsserted(() -> assertThat(scenario.get("broken").getStatus())
                .satisfies(status -> assertThat(status.failures()).isNotNull()));
        await().untilAsserted(() -> assertThat(names("evidence/closed")).hasSize(1));
        operator.stop();
        force("broken");

        // when
        operator.start();

        // then
        await().untilAsserted(
                        () -> assertThat(names("logs/" + operator.namespace())).isEmpty());
        await().untilAsserted(() -> assertThat(names("evidence/closed")).isEmpty());
    }

    /** As the force that is told of in the documentation. */
    private void force(String name) {
        var stack = operator.client()
                .resources(Stack.class)
                .inNamespace(operator.namespace())
                .withName(name);
        stack.delete();
        stack.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": null}}");
        await().untilAsserted(() -> assertThat(stack.get()).isNull());
    }

    private List<String> names(String folder) {
        try (Stream<Path> files = Files.list(data.resolve(folder))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
