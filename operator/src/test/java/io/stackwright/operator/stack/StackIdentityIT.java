package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.GitServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Stack means one Pulumi stack for good, and has it for itself. */
@Tag("both-modes-long")
class StackIdentityIT {

    private static final String HELLO = """
        project: {inline: {name: %s, runtime: yaml, outputs: {out: fine}}}
        updates: {retry: {initial: 1s, max: 2s}}
        """;

    private static final String PROGRAM = "name: %s\nruntime: yaml\noutputs: {out: fine}\n";

    private static final String OVERTAKEN = "organization/overtaken/overtaken";

    @TempDir
    private static Path folder;

    private static RecordedPulumi pulumi;
    private static RunningOperator operator;
    private static Stacks stacks;
    private static Stacks elsewhere;
    private static GitServer git;

    @BeforeAll
    static void startOperator() throws IOException {
        pulumi = RecordedPulumi.in(folder);
        Files.createDirectories(folder.resolve("other"));
        String other = ControlPlane.shared().createNamespace("elsewhere");
        operator = RunningOperator.start(
                folder.resolve("data"),
                settings -> RunningOperator.alsoWatching(other)
                        .apply(RunningOperator.pulumi(pulumi.command()).apply(settings)));
        stacks = new Stacks(operator);
        elsewhere = new Stacks(operator.client(), other);
        git = GitServer.start();
        stacks.putSecret("git-ca", Map.of("ca.crt", git.certificate()));
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
        git.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name    | {\"stackName\": \"another\"} | {\"stackName\": null} | stack (spec.stackName) is 'another'",
                "org     | {\"stackName\": \"acme/id-org\"} | {\"stackName\": null} | organization (spec.stackName) is"
                        + " 'acme'",
                "backend | {\"backend\": {\"url\": \"file://OTHER\"}} | {\"backend\": null} | backend"
                        + " (spec.backend.url",
                "project | {\"project\": {\"inline\": {\"name\": \"renamed\"}}} | {\"project\": {\"inline\":"
                        + " {\"name\": \"id\"}}} | project (`name` of Pulumi.yaml) is 'renamed'"
            })
    void aChangedIdentityRunsNothingUntilItIsPutBack(String what, String change, String back, String message) {
        // given
        String name = "id-" + what;
        stacks.create(name, HELLO.formatted("id"));
        String changed = change.replace("OTHER", folder.resolve("other").toString());

        // when, then
        runsNothingUntilItIsPutBack(
                name,
                message,
                () -> stacks.patch(name, "{\"spec\": " + changed + "}"),
                () -> stacks.patch(name, "{\"spec\": " + back + "}"));
    }

    @Test
    void aCommitThatRenamesTheProjectRunsNothingUntilItIsPutBack() {
        // given
        GitServer.Repository repository = git.create("renamed");
        repository.commit(Map.of("Pulumi.yaml", PROGRAM.formatted("id")));
        stacks.create("id-git", "project: {git: " + git("renamed") + "}");

        // when, then
        runsNothingUntilItIsPutBack(
                "id-git",
                "project (`name` of Pulumi.yaml) is 'renamed'",
                () -> repository.commit(Map.of("Pulumi.yaml", PROGRAM.formatted("renamed"))),
                () -> repository.commit(Map.of("Pulumi.yaml", PROGRAM.formatted("id"))));
    }

    @Test
    void aConfigMapThatRenamesTheProjectRunsNothingUntilItIsPutBack() {
        // given
        stacks.putConfigMap("renamed", Map.of("Pulumi.yaml", PROGRAM.formatted("id")));
        stacks.create("id-config-map", "project: {configMap: {name: renamed}}");

        // when, then
        runsNothingUntilItIsPutBack(
                "id-config-map",
                "project (`name` of Pulumi.yaml) is 'renamed'",
                () -> stacks.putConfigMap("renamed", Map.of("Pulumi.yaml", PROGRAM.formatted("renamed"))),
                () -> stacks.putConfigMap("renamed", Map.of("Pulumi.yaml", PROGRAM.formatted("id"))));
    }

    @Test
    void aMoveFromTheManifestToAnotherProjectInGitRunsNothingUntilItIsPutBack() {
        // given
        git.create("moved").commit(Map.of("Pulumi.yaml", PROGRAM.formatted("moved")));
        stacks.create("id-moved", HELLO.formatted("id"));
        String toGit = "{\"spec\": {\"project\": {\"inline\": null, \"git\": " + git("moved") + "}}}";
        String inline = "{\"name\": \"id\", \"runtime\": \"yaml\", \"outputs\": {\"out\": \"fine\"}}";

        // when, then
        runsNothingUntilItIsPutBack(
                "id-moved",
                "project (`name` of Pulumi.yaml) is 'moved'",
                () -> stacks.patch("id-moved", toGit),
                () -> stacks.patch(
                        "id-moved", "{\"spec\": {\"project\": {\"git\": null, \"inline\": " + inline + "}}}"));
    }

    private static String git(String repository) {
        return "{\"url\": \"" + git.url(repository)
                + "\", \"branch\": \"main\", \"interval\": \"10s\", \"secretRef\": {\"name\": \"git-ca\"}}";
    }

    private static void runsNothingUntilItIsPutBack(String name, String message, Runnable change, Runnable back) {
        // given
        stacks.awaitReady(name);
        Stack before = stacks.get(name);
        int calls = pulumi.calls().size();
        List<Path> files = states();

        // when
        change.run();

        // then
        assertThat(stacks.awaitStalled(name, Reason.IdentityChanged).message())
                .contains(message, "nothing is done until it is put back");
        stacks.annotate(name, "stackwright.io/reconcile", "now");
        throughout().until(() -> pulumi.calls().size() == calls);
        assertThat(states()).isEqualTo(files);
        assertThat(stacks.status(name).stack()).isEqualTo(before.getStatus().stack());
        assertThat(stacks.updates(name)).hasSize(1);

        // when
        stacks.patch(name, "{\"metadata\": {\"annotations\": {\"stackwright.io/reconcile\": null}}}");
        back.run();

        // then it recovers, and nothing was to be done
        stacks.awaitReady(name);
        throughout().until(() -> pulumi.calls().size() == calls);
        assertThat(stacks.updates(name)).hasSize(1);
    }

    @Test
    void anotherDefaultBackendOfTheOperatorIsAChangedIdentityToo() {
        // given
        stacks.create("id-default", HELLO.formatted("id"));
        stacks.awaitReady("id-default");
        int calls = pulumi.calls().size();
        String url = "file://" + operator.state();

        // when
        operator.restart(RunningOperator.backend("file://" + folder.resolve("other")));

        // then
        assertThat(stacks.awaitStalled("id-default", Reason.IdentityChanged).message())
                .contains("backend");
        assertThat(folder.resolve("other")).isEmptyDirectory();

        // when
        operator.restart(RunningOperator.backend(url));

        // then
        stacks.awaitReady("id-default");
        throughout().until(() -> pulumi.calls().size() == calls);
    }

    /** The other namespace has no node. */
    @Tag("embedded-only")
    @Test
    void theSecondStackOfOneIdentityIsRefused() {
        // given
        stacks.create("first", HELLO.formatted("claim") + "stackName: shared");
        stacks.awaitReady("first");
        String state = read(operator.state().resolve(".pulumi/stacks/claim/shared.json"));

        // when
        stacks.create("second", HELLO.formatted("claim") + "stackName: shared");
        elsewhere.create("third", HELLO.formatted("claim") + "stackName: shared");

        // then
        stacks.awaitStalled("second", Reason.IdentityClaimed);
        Condition third = elsewhere.awaitStalled("third", Reason.IdentityClaimed);
        assertThat(third.message()).doesNotContain("first", stacks.namespace());
        throughout().untilAsserted(() -> {
            assertThat(stacks.updates("second")).isEmpty();
            assertThat(elsewhere.updates("third")).isEmpty();
            assertThat(stacks.status("second").stack()).isNull();
        });
        stacks.awaitReady("first");

        // when the refused ones go
        stacks.delete("second");
        elsewhere.delete("third");
        stacks.awaitGone("second");
        elsewhere.awaitGone("third");

        // then the first one's stack is as it was
        assertThat(read(operator.state().resolve(".pulumi/stacks/claim/shared.json")))
                .isEqualTo(state);
    }

    /** As of another cluster: an installation of its own, which sees none of ours. */
    @Tag("embedded-only")
    @Test
    void aStackOfAnotherOperatorIsRefused() throws IOException {
        // given
        stacks.create("ours", HELLO.formatted("foreign") + "stackName: shared");
        stacks.awaitReady("ours");
        Path shared = operator.state().resolve(".pulumi/stacks/foreign/shared.json");
        String state = read(shared);
        try (RunningOperator another = RunningOperator.start(
                Files.createDirectories(folder.resolve("another")),
                RunningOperator.backend("file://" + operator.state()))) {
            Stacks theirs = new Stacks(another);

            // when
            theirs.create("theirs", HELLO.formatted("foreign") + "stackName: shared");

            // then
            Condition refused = theirs.awaitStalled("theirs", Reason.IdentityClaimed);
            assertThat(refused.message()).doesNotContain("ours", stacks.namespace());
            assertThat(theirs.status("theirs").stack()).isNull();

            // when it goes
            theirs.delete("theirs");
            theirs.awaitGone("theirs");

            // then ours is as it was
            assertThat(read(shared)).isEqualTo(state);
        }
    }

    /** What is left of two operators that took it at the same moment. */
    @Test
    void aStackWhoseMarkHasBecomeAnothersRunsAndDestroysNothing() {
        // given
        stacks.create("overtaken", HELLO.formatted("overtaken"));
        stacks.awaitReady("overtaken");
        Path state = operator.state().resolve(".pulumi/stacks/overtaken/overtaken.json");
        String before = read(state);
        Cli cli = Cli.in(folder.resolve("overtaken"), operator.state(), "any");
        cli.run("stack", "tag", "set", "stackwright:owner", "elsewhere/ns/uid/created", "-s", OVERTAKEN);
        int calls = pulumi.calls().size();

        // when
        stacks.patch("overtaken", "{\"spec\": {\"project\": {\"inline\": {\"outputs\": {\"out\": \"other\"}}}}}");

        // then
        assertThat(stacks.awaitStalled("overtaken", Reason.IdentityClaimed).message())
                .contains("stackwright:owner", "Retain", "pulumi stack tag rm");

        // when
        stacks.delete("overtaken");

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("overtaken").condition(Condition.STALLED))
                        .hasValueSatisfying(stalled -> assertThat(stalled.message())
                                .contains("stackwright:owner", "stackwright.io/abandon=")));
        assertThat(read(state)).isEqualTo(before);
        assertThat(pulumi.calls()).hasSize(calls);

        // when a person says whose it is
        cli.run("stack", "tag", "rm", "stackwright:owner", "-s", OVERTAKEN);
        stacks.annotate("overtaken", Requests.RECONCILE, "1");

        // then
        stacks.awaitGone("overtaken");
        assertThat(state).doesNotExist();
    }

    /** The other namespace has no node. */
    @Tag("embedded-only")
    @Test
    void ofTwoAtTheSameMomentExactlyOneWins() {
        for (int round = 0; round < 3; round++) {
            // given
            String name = "race-" + round;
            String spec = HELLO.formatted("race") + "stackName: both-" + round;
            List<Stacks> both = List.of(stacks, elsewhere);

            // when
            both.parallelStream().forEach(one -> one.create(name, spec));

            // then
            patiently()
                    .untilAsserted(() -> assertThat(
                                    both.stream().map(one -> one.get(name)).map(StackIdentityIT::verdict))
                            .containsExactlyInAnyOrder("Applied", "IdentityClaimed"));
            Stacks loser = both.stream()
                    .filter(one -> verdict(one.get(name)).equals("IdentityClaimed"))
                    .findFirst()
                    .orElseThrow();
            assertThat(loser.status(name).stack()).isNull();
            Stacks winner = loser == stacks ? elsewhere : stacks;
            assertThat(winner.status(name).stack().adopted()).isFalse();
            loser.delete(name);
            loser.awaitGone(name);
            assertThat(operator.state().resolve(".pulumi/stacks/race/both-" + round + ".json"))
                    .exists();
            winner.awaitReady(name);
        }
    }

    @Tag("both-modes")
    @Test
    void aStackThatExistedIsAdoptedWithItsSecretsAndKeptAtTheEnd() {
        // given a stack of the bare CLI
        Cli cli = Cli.in(folder.resolve("bare"), operator.state(), "their passphrase");
        cli.project("""
            name: adopted
            runtime: yaml
            config: {token: {type: string, secret: true}}
            resources:
              one: {type: "pulumi:index:Stash", properties: {input: "${token}"}}
            outputs: {token: "${token}"}
            """);
        cli.run("stack", "init", "organization/adopted/theirs");
        cli.run("config", "set", "--secret", "token", "their secret", "-s", "theirs");
        cli.run("up", "-s", "theirs", "--yes", "-f", "--non-interactive");
        String salt = cli.stateSalt("adopted", "theirs");
        stacks.putSecret("theirs", Map.of("passphrase", "a wrong one", "token", "their secret"));

        // when
        stacks.create("adopts", """
            stackName: theirs
            project:
              inline:
                name: adopted
                runtime: yaml
                config: {token: {type: string, secret: true}}
                resources:
                  one: {type: "pulumi:index:Stash", properties: {input: "${token}"}}
                outputs: {token: "${token}"}
            configFrom: [{key: token, secretKeyRef: {name: theirs, key: token}}]
            secretsProvider: {passphrase: {secretKeyRef: {name: theirs, key: passphrase}}}
            suspend: true
            """);

        // then source and references can be looked at before anything is done
        patiently()
                .untilAsserted(() -> assertThat(Optional.ofNullable(stacks.status("adopts"))
                                .map(StackStatus::conditions)
                                .orElse(List.of()))
                        .extracting(Condition::type, Condition::status)
                        .contains(tuple(Condition.SOURCE_READY, "True"), tuple(Condition.INPUTS_READY, "True")));
        assertThat(stacks.updates("adopts")).isEmpty();
        assertThat(cli.tags("organization/adopted/theirs")).doesNotContainKey("stackwright:owner");

        // when
        stacks.patch("adopts", "{\"spec\": {\"suspend\": false}}");

        // then
        stacks.awaitStalled("adopts", Reason.PassphraseIncorrect);
        assertThat(cli.stateSalt("adopted", "theirs")).isEqualTo(salt);

        // when
        stacks.putSecret("theirs", Map.of("passphrase", "their passphrase", "token", "their secret"));

        // then
        Stack ready = stacks.awaitReady("adopts");
        assertThat(ready.getStatus().stack().adopted()).isTrue();
        assertThat(stacks.secret("adopts-outputs")).containsEntry("token", "their secret");
        assertThat(cli.stateSalt("adopted", "theirs")).isEqualTo(salt);
        assertThat(stacks.secret("adopts-encryptionsalt")).containsEntry("encryptionsalt", salt);
        var changes = stacks.updates("adopts").getLast().getStatus().run().changes();
        assertThat(changes.same()).isEqualTo(1);
        assertThat(changes.create()).isZero();

        // when
        stacks.delete("adopts");
        stacks.awaitGone("adopts");

        // then it is theirs again
        assertThat(cli.run("stack", "output", "token", "--show-secrets", "-s", "theirs"))
                .contains("their secret");
        assertThat(stacks.secret("adopts-outputs")).isNull();
    }

    @Test
    void aFirstRunThatFailedBeforeItsStackExistedMayBeCorrected() {
        // given
        stacks.create(
                "corrected", HELLO.formatted("id") + "backend: {url: \"file://" + folder.resolve("missing") + "\"}");
        stacks.awaitInProgress("corrected", Reason.BackendUnavailable);
        assertThat(stacks.status("corrected").stack()).isNull();

        // when
        stacks.patch("corrected", "{\"spec\": {\"backend\": null, \"stackName\": \"correct\"}}");

        // then
        assertThat(stacks.awaitReady("corrected").getStatus().stack().name()).isEqualTo("correct");
    }

    private static String verdict(Stack stack) {
        return stack.getStatus()
                .condition(Condition.READY)
                .map(Condition::reason)
                .orElse("");
    }

    /** All state files, here and in the other place. */
    private static List<Path> states() {
        List<Path> found = new ArrayList<>();
        for (Path root : List.of(operator.state(), folder.resolve("other"))) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(Files::isRegularFile).sorted().forEach(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
