package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Stack whose status was lost, and that is deleted before it runs again: its Updates tell that there is something. */
@Tag("both-modes-long")
class DeletionWithoutStatusIT {

    private static final String PROGRAM = """
        name: wiped
        runtime: yaml
        resources:
          one: {type: "pulumi:index:Stash", properties: {input: "1"}}
        outputs:
          token: {fn::secret: their secret}
        """;

    private static final String SPEC = "project: {configMap: {name: program}}\n";

    @TempDir
    private Path folder;

    private RecordedPulumi pulumi;
    private RunningOperator operator;
    private Stacks stacks;

    @BeforeEach
    void startOperator() {
        pulumi = RecordedPulumi.in(folder);
        operator = RunningOperator.start(folder.resolve("data"), RunningOperator.pulumi(pulumi.command()));
        stacks = new Stacks(operator);
        stacks.putConfigMap("program", Map.of("Pulumi.yaml", PROGRAM));
    }

    @AfterEach
    void stopOperator() {
        operator.close();
    }

    @Test
    void itIsDestroyed() {
        // given
        stacks.create("one", SPEC);
        stacks.awaitReady("one");

        // when
        wipeAndDelete("one");

        // then
        stacks.awaitGone("one");
        assertThat(state("one")).doesNotExist();
        assertThat(pulumi.commands("one")).endsWith("destroy");
        assertThat(stacks.secret("one-passphrase")).isNull();
    }

    /** From a backup without status, as another object, or by hand: of its Updates nothing is its own. */
    @Test
    void aStackThatWasRestoredAndNeverRanSinceIsDestroyedAsWell() {
        // given
        stacks.create("one", SPEC);
        stacks.awaitReady("one");
        operator.stop();
        forceOut("one");
        operator.start();
        restore(SPEC);

        // when
        stacks.delete("one");

        // then
        stacks.awaitGone("one");
        assertThat(state("one")).doesNotExist();
        assertThat(pulumi.commands("one")).endsWith("destroy");
        assertThat(stacks.secret("one-passphrase")).isNull();
    }

    @Test
    void whatARestoredStackHadIsNotGoneBecauseItsBackendIs() throws IOException {
        // given
        Path backend = Files.createDirectories(folder.resolve("backend"));
        stacks.create("one", SPEC + "backend: {url: \"file://" + backend + "\"}");
        stacks.awaitReady("one");
        operator.stop();
        forceOut("one");
        Files.move(backend, folder.resolve("backend-away"));
        Files.createDirectories(backend);
        operator.start();
        restore(SPEC + "backend: {url: \"file://" + backend + "\"}\n");

        // when
        stacks.delete("one");

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("one").condition(Condition.STALLED))
                        .hasValueSatisfying(
                                stalled -> assertThat(stalled.reason()).isEqualTo(Reason.StateMissing.name())));
        assertThat(stacks.secret("one-passphrase")).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasRetainedOrGivenUpStaysSo(boolean givenUp) {
        // given
        leave(givenUp);

        // when another of that name comes and goes without a run
        restore(SPEC);
        stacks.delete("one");

        // then
        stacks.awaitGone("one");
        assertThat(state("one")).exists();
        assertThat(stacks.secret("one-passphrase")).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasRetainedOrGivenUpIsReadableAfterANamesakeForAnotherPulumiStack(boolean givenUp) {
        // given
        leave(givenUp);
        Map<String, String> kept = stacks.secret("one-passphrase");

        // when one of that name runs and is destroyed
        stacks.create("one", SPEC + "stackName: other");
        stacks.awaitReady("one");
        stacks.delete("one");
        stacks.awaitGone("one");

        // then
        assertThat(state("other")).doesNotExist();
        assertThat(state("one")).exists();
        assertThat(stacks.secret("one-passphrase")).isEqualTo(kept);
        Cli cli = Cli.in(folder.resolve("cli"), operator.state(), kept.get("passphrase"));
        assertThat(cli.run("stack", "output", "token", "--show-secrets", "-s", "organization/wiped/one"))
                .contains("their secret");
    }

    /** It was about to install what its program needs, and had not looked for a Pulumi stack. */
    @ParameterizedTest
    @ValueSource(strings = {"one", "other"})
    @Tag("embedded-only")
    void whatWasGivenUpStaysSoAfterANamesakeWhoseFirstRunWasCutShort(String stackName) {
        // given
        leave(true);
        stacks.putConfigMap(
                "slow",
                Map.of(
                        "Pulumi.yaml",
                        "name: wiped\nruntime: python\n",
                        "__main__.py",
                        "pass\n",
                        "requirements.txt",
                        "# none\n"));
        pulumi.hold();
        stacks.create("one", "project: {configMap: {name: slow}}\nstackName: " + stackName);
        patiently()
                .until(() ->
                        pulumi.calls().stream().anyMatch(call -> call.command().equals("install")));
        operator.stop();
        pulumi.release();
        assertThat(stacks.status("one").stack().name()).isEqualTo(stackName);
        assertThat(stacks.status("one").stack().adopted()).isNull();

        // when
        stacks.putConfigMap("slow", Map.of("Pulumi.yaml", PROGRAM));
        stacks.delete("one");
        operator.start();

        // then it goes, and has destroyed nothing
        stacks.awaitGone("one");
        assertThat(state("one")).content().contains("::one");
        assertThat(pulumi.calls()).noneMatch(call -> call.command().equals("destroy"));
        assertThat(stacks.secret("one-passphrase")).containsKey("encryptionsalt");
    }

    /** Lets a Stack go, and its Pulumi stack stay. */
    private void leave(boolean givenUp) {
        stacks.create("one", SPEC + (givenUp ? "" : "deletionPolicy: Retain"));
        Stack one = stacks.awaitReady("one");
        if (givenUp) {
            stacks.annotate("one", "stackwright.io/abandon", one.getMetadata().getUid());
        }
        stacks.delete("one");
        stacks.awaitGone("one");
    }

    @Test
    void itWaitsForTheSourceThatNamesThePulumiStack() {
        // given
        stacks.create("one", SPEC);
        stacks.awaitReady("one");
        operator.client()
                .configMaps()
                .inNamespace(operator.namespace())
                .withName("program")
                .delete();

        // when
        wipeAndDelete("one");

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("one").condition(Condition.RECONCILING))
                        .hasValueSatisfying(reconciling -> {
                            assertThat(reconciling.reason()).isEqualTo(Reason.SourceNotReady.name());
                            assertThat(reconciling.message())
                                    .contains("status was lost", "ConfigMap program", "stackwright.io/abandon=");
                        }));
        throughout().until(() -> stacks.get("one") != null && Files.exists(state("one")));

        // when
        stacks.putConfigMap("program", Map.of("Pulumi.yaml", PROGRAM));

        // then
        stacks.awaitGone("one");
        assertThat(state("one")).doesNotExist();
    }

    @Test
    void aBackendThatWasMadeAnewProvesNothing() throws IOException {
        // given
        Path backend = Files.createDirectories(folder.resolve("backend"));
        stacks.create("one", SPEC + "backend: {url: \"file://" + backend + "\"}");
        stacks.awaitReady("one");
        wipe("one");
        Files.move(backend, folder.resolve("backend-away"));
        Files.createDirectories(backend);

        // when
        stacks.delete("one");
        operator.start();

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("one").condition(Condition.STALLED))
                        .hasValueSatisfying(stalled -> {
                            assertThat(stalled.reason()).isEqualTo(Reason.StateMissing.name());
                            assertThat(stalled.message()).contains("had 1 resources");
                        }));
    }

    @Test
    void aMarkThatIsNotTheStacksOwnProvesNothing() {
        // given that the operator has lost who it is, too
        stacks.create("one", SPEC);
        stacks.awaitReady("one");
        wipe("one");
        stacks.deleteSecret("stackwright-installation");

        // when
        stacks.delete("one");
        operator.start();

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("one").condition(Condition.STALLED))
                        .hasValueSatisfying(stalled -> {
                            assertThat(stalled.reason()).isEqualTo(Reason.IdentityClaimed.name());
                            assertThat(stalled.message()).contains("stackwright:owner", "stackwright.io/abandon=");
                        }));
        assertThat(state("one")).exists();
        assertThat(pulumi.commands("one")).doesNotContain("destroy");
    }

    @Test
    void aPulumiStackThatExistedBeforeIsLeftAsItIs() {
        // given
        stacks.putSecret("known", Map.of("passphrase", "known to both"));
        Cli cli = Cli.in(folder.resolve("cli"), operator.state(), "known to both");
        cli.project(PROGRAM);
        cli.run("stack", "init", "organization/wiped/one", "--non-interactive");
        cli.run("up", "--yes", "--skip-preview", "--non-interactive", "-s", "organization/wiped/one");
        stacks.create("one", SPEC + "secretsProvider: {passphrase: {secretKeyRef: {name: known, key: passphrase}}}");
        assertThat(stacks.awaitReady("one").getStatus().stack().adopted()).isTrue();

        // when
        wipeAndDelete("one");

        // then
        stacks.awaitGone("one");
        assertThat(state("one")).exists();
        assertThat(pulumi.commands("one")).doesNotContain("destroy");
    }

    @Test
    void oneThatNeverCreatedAnythingGoesAtOnce() {
        // given a first run that failed before there was a Pulumi stack
        stacks.create(
                "one",
                SPEC + "backend: {url: \"s3://none?endpoint=http://127.0.0.1:1&region=us-east-1\"}\n"
                        + "env: [{name: AWS_ACCESS_KEY_ID, value: any}, {name: AWS_SECRET_ACCESS_KEY, value: any},"
                        + " {name: AWS_MAX_ATTEMPTS, value: \"1\"}]\n"
                        + "updates: {retry: {initial: 5m}}");
        patiently().until(() -> stacks.status("one").failures() != null);
        List<String> before = pulumi.commands("one");
        assertThat(stacks.status("one").stack()).isNull();

        // when
        stacks.delete("one");

        // then
        stacks.awaitGone("one");
        assertThat(before).doesNotContain("destroy");
        assertThat(pulumi.commands("one")).doesNotContain("destroy");
    }

    private void wipeAndDelete(String name) {
        wipe(name);
        stacks.delete(name);
        operator.start();
    }

    /** The operator has seen it, and has not run it. */
    private void restore(String spec) {
        stacks.create("one", spec + "suspend: true");
        patiently()
                .until(() -> stacks.status("one") != null
                        && stacks.status("one").condition(Condition.READY).isPresent()
                        && !stacks.get("one").getMetadata().getFinalizers().isEmpty());
    }

    /** Without its finalizer: what etcd of another day, or a cluster that was made anew, does not know. */
    private void forceOut(String name) {
        stacks.patch(name, "{\"metadata\": {\"finalizers\": []}}");
        stacks.delete(name);
        stacks.awaitGone(name);
    }

    private void wipe(String name) {
        operator.stop();
        operator.client()
                .resources(Stack.class)
                .inNamespace(operator.namespace())
                .withName(name)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON), "[{\"op\": \"remove\", \"path\": \"/status\"}]");
    }

    private Path state(String name) {
        return operator.state().resolve(".pulumi/stacks/wiped/" + name + ".json");
    }
}
