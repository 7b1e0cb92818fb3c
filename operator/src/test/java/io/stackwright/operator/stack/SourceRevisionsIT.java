package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.GitServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a commit does to the Stacks that follow its repository. */
class SourceRevisionsIT {

    @TempDir
    private static Path data;

    private static RunningOperator operator;
    private static Scenario scenario;
    private static GitServer git;

    @BeforeAll
    static void startOperator() {
        operator = RunningOperator.start(data);
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
    void stacksAtDifferentPathsAndCommitsOfOneRepositoryNeverMix() {
        // given
        GitServer.Repository repository = git.create("many");
        String old = repository.commit(Map.of(
                "web/Pulumi.yaml", program("web", "old"), "web/Pulumi.web-old.yaml", "config: {web:own: committed}\n"));
        repository.commit(Map.of(
                "web/Pulumi.yaml", program("web", "new"),
                "api/Pulumi.yaml", program("api", "one")));

        // when
        scenario.apply("web-old", git("many", "commit: " + old, "web"));
        scenario.apply("web-new", git("many", "branch: main", "web"));
        scenario.apply("api", git("many", "branch: main", "api"));

        // then
        scenario.awaitReady("web-old");
        scenario.awaitReady("web-new");
        scenario.awaitReady("api");
        assertThat(scenario.output("web-old", "version").asText()).isEqualTo("old");
        assertThat(scenario.output("web-old", "own").asText()).isEqualTo("committed");
        assertThat(scenario.output("web-new", "version").asText()).isEqualTo("new");
        assertThat(scenario.output("web-new", "own").asText()).isEqualTo("default");
        assertThat(scenario.output("api", "version").asText()).isEqualTo("one");
        assertThat(scenario.get("web-old").getStatus().applied().revision()).endsWith(old);

        // when one of the paths changes
        repository.commit(Map.of("api/Pulumi.yaml", program("api", "two")));
        for (String stack : new String[] {"web-old", "web-new", "api"}) {
            lookAgain(stack, "mixed");
        }

        // then
        await().atMost(Scenario.PATIENCE)
                .until(() -> scenario.output("api", "version").asText().equals("two"));
        scenario.awaitReady("web-old");
        scenario.awaitReady("web-new");
        assertThat(scenario.output("web-old", "version").asText()).isEqualTo("old");
        assertThat(scenario.output("web-new", "version").asText()).isEqualTo("new");
    }

    @Test
    void aCommitBesideThePathIsAdoptedAndOneInItIsAppliedOnce() {
        // given
        GitServer.Repository repository = git.create("one");
        repository.commit(Map.of("web/Pulumi.yaml", program("web", "one")));
        scenario.apply("follower", git("one", "branch: main\ninterval: 10s", "web"));
        scenario.awaitReady("follower");

        // when
        String beside = repository.commit(Map.of("README.md", "nothing for Pulumi"));

        // then
        await().atMost(Scenario.PATIENCE)
                .until(() -> scenario.get("follower")
                        .getStatus()
                        .applied()
                        .revision()
                        .equals("main@sha1:" + beside));
        Stack adopted = scenario.get("follower");
        assertThat(adopted.getStatus().source().revision()).isEqualTo("main@sha1:" + beside);
        assertThat(scenario.updates("follower")).hasSize(1);

        // when
        String inside = repository.commit(Map.of("web/Pulumi.yaml", program("web", "two")));

        // then
        await().atMost(Scenario.PATIENCE)
                .until(() -> scenario.output("follower", "version").asText().equals("two"));
        Stack applied = scenario.awaitReady("follower");
        assertThat(applied.getStatus().applied().revision()).isEqualTo("main@sha1:" + inside);
        assertThat(scenario.updates("follower"))
                .extracting(update -> update.getSpec().cause())
                .containsExactly(Cause.FirstRun, Cause.SourceChanged);
    }

    @Test
    void aRequestLooksAtTheSourceAtOnce() {
        // given a source that is looked at once an hour
        GitServer.Repository repository = git.create("slow");
        repository.commit(Map.of("web/Pulumi.yaml", program("web", "one")));
        scenario.apply("patient", git("slow", "branch: main\ninterval: 1h", "web"));
        scenario.awaitReady("patient");

        // when
        repository.commit(Map.of("web/Pulumi.yaml", program("web", "two")));
        lookAgain("patient", "now");

        // then
        await().atMost(Scenario.PATIENCE)
                .until(() -> scenario.output("patient", "version").asText().equals("two"));
        assertThat(scenario.get("patient").getStatus().handled()).containsEntry("stackwright.io/reconcile", "now");
    }

    @Test
    void aRequestIsAnsweredWithWhatTheSourceHasNow() {
        // given a server that takes its time
        GitServer.Repository repository = git.create("asked");
        String old = repository.commit(Map.of("web/Pulumi.yaml", program("web", "one")));
        scenario.apply("asked", git("asked", "branch: main\ninterval: 1h", "web"));
        scenario.awaitReady("asked");
        List<String> seen = new CopyOnWriteArrayList<>();
        String commit = repository.commit(Map.of("web/Pulumi.yaml", program("web", "two")));
        git.forgetRequests();
        git.hold();
        try (Watch watch = watch("asked", seen)) {

            // when
            lookAgain("asked", "now");
            scenario.annotate("asked", "reconcile.fluxcd.io/requestedAt", "later");

            // then it says that it looks, and does nothing else
            await().atMost(Scenario.PATIENCE)
                    .until(() -> scenario.condition("asked", Condition.RECONCILING)
                            .message()
                            .contains("looks at the source"));
            await().atMost(Scenario.PATIENCE).until(() -> !git.requests().isEmpty());
            assertThat(scenario.updates("asked")).hasSize(1);
            assertThat(scenario.get("asked").getStatus().handled()).isNull();

            // when
            git.release();

            // then
            await().atMost(Scenario.PATIENCE)
                    .until(() ->
                            "later".equals(scenario.get("asked").getStatus().lastHandledReconcileAt()));
            scenario.awaitReady("asked");
            await().atMost(Scenario.PATIENCE).until(() -> seen.getLast().startsWith("later True"));
        } finally {
            git.release();
        }
        assertThat(scenario.updates("asked"))
                .extracting(
                        update -> update.getSpec().cause(),
                        update -> update.getSpec().revision())
                .containsExactly(
                        tuple(Cause.FirstRun, "main@sha1:" + old), tuple(Cause.Requested, "main@sha1:" + commit));
        assertThat(scenario.get("asked").getStatus().handled()).containsEntry("stackwright.io/reconcile", "now");
        assertThat(seen).doesNotContain("later True main@sha1:" + old).contains("later True main@sha1:" + commit);
    }

    @Test
    void aRequestIsCarriedOutWithWhatIsKnownWhenTheSourceIsAway() {
        // given
        String known = git.create("away").commit(Map.of("web/Pulumi.yaml", program("web", "one")));
        scenario.apply("away", git("away", "branch: main\ninterval: 1h", "web"));
        scenario.awaitReady("away");
        git.answer(GitServer.Answer.ERROR);

        // when
        lookAgain("away", "now");

        // then
        await().atMost(Scenario.PATIENCE)
                .until(() -> Map.of("stackwright.io/reconcile", "now")
                        .equals(scenario.get("away").getStatus().handled()));
        scenario.awaitReady("away");
        git.answer(GitServer.Answer.NORMAL);
        assertThat(scenario.updates("away"))
                .extracting(update -> update.getSpec().revision())
                .containsExactly("main@sha1:" + known, "main@sha1:" + known);
    }

    /** Writes down, for each state that a waiter could see: request that was taken up, Ready, and what is applied. */
    private static Watch watch(String stack, List<String> seen) {
        return operator.client()
                .resources(Stack.class)
                .inNamespace(operator.namespace())
                .withName(stack)
                .watch(new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, Stack now) {
                        seen.add(now.getStatus().lastHandledReconcileAt() + " "
                                + now.getStatus()
                                        .condition(Condition.READY)
                                        .orElseThrow()
                                        .status() + " "
                                + now.getStatus().applied().revision());
                    }

                    @Override
                    public void onClose(WatcherException cause) {}
                });
    }

    private static void lookAgain(String stack, String value) {
        scenario.annotate(stack, "stackwright.io/reconcile", value);
    }

    private static String git(String repository, String reference, String path) {
        return "project:\n  git:\n"
                + "url: %s\n%s\npath: %s\nsecretRef: {name: git-ca}\n"
                        .formatted(git.url(repository), reference, path)
                        .indent(4);
    }

    private static String program(String name, String version) {
        return """
            name: %s
            runtime: yaml
            config: {own: {type: string, default: default}}
            resources:
              s: {type: "pulumi:index:Stash", properties: {input: "%s"}}
            outputs: {version: "${s.input}", own: "${own}"}
            """.formatted(name, version);
    }
}
