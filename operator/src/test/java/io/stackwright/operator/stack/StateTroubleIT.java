package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.execution.runner.StateGuard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A state that is lost, emptied, damaged or changed by others: nothing is created twice, and repairing it suffices. */
@Tag("both-modes-long")
class StateTroubleIT {

    private static final String TWO = """
        project:
          inline:
            name: trouble
            runtime: yaml
            config: {greeting: {type: string, default: hi}}
            resources:
              one: {type: "pulumi:index:Stash", properties: {input: "1"}}
              two: {type: "pulumi:index:Stash", properties: {input: "${greeting}"}}
            outputs: {out: "${greeting}"}
        tags: {team: shop}
        updates: {retry: {initial: 1s, max: 1s}}
        """;

    @TempDir
    private static Path folder;

    private static RecordedPulumi pulumi;
    private static RunningOperator operator;
    private static Stacks stacks;
    private static Cli cli;

    @BeforeAll
    static void startOperator() {
        pulumi = RecordedPulumi.in(folder);
        operator = RunningOperator.start(folder.resolve("data"), RunningOperator.pulumi(pulumi.command()));
        stacks = new Stacks(operator);
        cli = Cli.in(folder.resolve("bare"), operator.state(), "another passphrase");
        cli.project("{name: trouble, runtime: yaml}");
        stacks.create("neighbour", TWO);
        stacks.awaitReady("neighbour");
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    /** As a CLI leaves them that is killed while it writes; it then says "failed to load checkpoint: EOF" for ever. */
    @Test
    void attributesThatAreIncompleteKeepNobodyFromTheState() throws IOException {
        // given
        ready("torn");
        Path attributes = checkpoint("torn").resolveSibling("torn.json.attrs");
        Files.writeString(attributes, "");
        Files.writeString(attributes.resolveSibling("torn.pulumi-tags.attrs"), "{\"user.cache_control\":");

        // when
        greet("torn", "hello");

        // then
        assertThat(stacks.awaitReady("torn").getStatus().outputs().get("out")).hasToString("\"hello\"");
        assertThat(changes("torn").create()).isZero();
        assertThat(stacks.update("torn-2").getStatus().run().diagnostics())
                .anySatisfy(said -> assertThat(said.message()).contains("torn.json.attrs", "incomplete"));

        // when
        Files.writeString(attributes, "");
        stacks.delete("torn");

        // then
        stacks.awaitGone("torn");
        assertThat(checkpoint("torn")).doesNotExist();
        assertThat(attributes).doesNotExist();
    }

    @Tag("both-modes")
    @Test
    void aLostStateIsNoNewStack() throws IOException {
        // given
        ready("lost");
        Path away = takeAway("lost");

        // when
        greet("lost", "hello");

        // then
        assertThat(stacks.awaitStalled("lost", Reason.StateMissing).message())
                .contains("organization/trouble/lost is gone", "Restore", "stackwright.io/recreate=" + loss("lost-2"));
        stacks.annotate("lost", Requests.RECONCILE, "1");
        patiently().until(() -> stacks.updates("lost").size() == 3);
        stacks.awaitStalled("lost", Reason.StateMissing);
        assertThat(checkpoint("lost")).doesNotExist();
        assertNeighbourWorks();

        // when it is restored
        putBack("lost", away);
        stacks.annotate("lost", Requests.RECONCILE, "2");

        // then
        assertThat(stacks.awaitReady("lost").getStatus().outputs().get("out")).hasToString("\"hello\"");
        assertThat(changes("lost").create()).isZero();
        assertThat(changes("lost").same() + changes("lost").update()).isEqualTo(2);
    }

    @Test
    void anEmptyStateIsNotFilledAgainUntilAPersonSaysSo() throws IOException {
        // given
        ready("emptied");
        takeAway("emptied");
        cli.run("stack", "init", "organization/trouble/emptied", "--no-select", "--non-interactive");
        String empty = Files.readString(checkpoint("emptied"));

        // when
        greet("emptied", "hello");

        // then
        assertThat(stacks.awaitStalled("emptied", Reason.StateMissing).message())
                .contains(
                        "is empty, where the last run left 2 resources",
                        "stackwright.io/recreate=" + loss("emptied-2"));
        stacks.annotate("emptied", Requests.RECREATE, "yes");
        throughout().until(() -> stacks.updates("emptied").size() == 2);
        assertThat(checkpoint("emptied")).hasContent(empty);
        assertThat(pulumi.commands("emptied")).filteredOn("up"::equals).hasSize(1);
        assertThat(stacks.status("emptied").resources()).isEqualTo(2);
    }

    @Test
    void aPersonsWordIsForOneLossOnly() throws IOException {
        // given
        ready("anew");
        takeAway("anew");
        greet("anew", "hello");
        stacks.awaitStalled("anew", Reason.StateMissing);

        // when
        stacks.annotate("anew", Requests.RECREATE, loss("anew-2"));

        // then all is there again: resources, mark, tags
        assertThat(stacks.awaitReady("anew").getStatus().outputs().get("out")).hasToString("\"hello\"");
        assertThat(changes("anew").create()).isEqualTo(2);
        assertThat(cli.tags("organization/trouble/anew"))
                .containsEntry("team", "shop")
                .containsKey("stackwright:owner");
        StackStatus.StackIdentity identity = stacks.status("anew").stack();
        assertThat(identity.adopted()).isFalse();

        // when it is lost again, the annotation still being there
        takeAway("anew");
        greet("anew", "again");

        // then
        stacks.awaitStalled("anew", Reason.StateMissing);
        throughout().until(() -> stacks.updates("anew").size() == 4);
        assertThat(checkpoint("anew")).doesNotExist();
    }

    /** A folder of a claim is made by nobody. */
    @Tag("embedded-only")
    @Test
    void aBackendThatIsGoneIsNotMadeAnewForWhatWasInIt(@TempDir Path data) throws IOException {
        // given
        try (RunningOperator own = RunningOperator.start(data)) {
            Stacks here = new Stacks(own);
            here.create("kept", TWO);
            here.awaitReady("kept");
            Path away = Files.move(own.state(), data.resolve("away"));

            // when
            here.patch("kept", "{\"spec\": {\"config\": {\"greeting\": \"hello\"}}}");

            // then
            here.awaitInProgress("kept", Reason.BackendUnavailable);
            assertThat(own.state()).doesNotExist();

            // when a new Stack makes the backend anew
            here.create("newcomer", TWO);
            here.awaitReady("newcomer");

            // then
            here.awaitStalled("kept", Reason.StateMissing);
            assertThat(own.state().resolve(".pulumi/stacks/trouble/kept.json")).doesNotExist();

            // when
            Files.move(
                    own.state().resolve(".pulumi/stacks/trouble/newcomer.json"),
                    away.resolve(".pulumi/stacks/trouble/newcomer.json"));
            Files.move(own.state(), data.resolve("new"));
            Files.move(away, own.state());
            here.annotate("kept", Requests.RECONCILE, "1");

            // then
            assertThat(here.awaitReady("kept").getStatus().outputs().get("out")).hasToString("\"hello\"");
            assertThat(here.status("kept").resources()).isEqualTo(2);
        }
    }

    @Test
    void whatOthersDidToTheStateConvergesAtTheNextChange() {
        // given a Stack with a passphrase that a person knows too
        stacks.putSecret("known", Map.of("passphrase", "known to both"));
        stacks.create(
                "shared", TWO + "secretsProvider: {passphrase: {secretKeyRef: {name: known, key: passphrase}}}\n");
        stacks.awaitReady("shared");
        Cli theirs = Cli.in(folder.resolve("theirs"), operator.state(), "known to both");
        theirs.project("""
            name: trouble
            runtime: yaml
            config: {greeting: {type: string, default: theirs}}
            resources:
              two: {type: "pulumi:index:Stash", properties: {input: "${greeting}"}}
              three: {type: "pulumi:index:Stash", properties: {input: "3"}}
            outputs: {out: "${greeting}", more: 1}
            """);

        // when they bring it to what they want: one resource less, one more, other values, a salt of their own
        String salt = theirs.stateSalt("trouble", "shared");
        theirs.run("up", "-s", "organization/trouble/shared", "--yes", "-f", "--non-interactive");
        assertThat(theirs.stateSalt("trouble", "shared")).isNotEqualTo(salt);

        // then nothing is done, for nothing has changed that the Stack declares
        throughout().until(() -> stacks.updates("shared").size() == 1);
        stacks.awaitReady("shared");

        // when
        greet("shared", "hello");

        // then the state is the declared one again
        patiently()
                .untilAsserted(() -> assertThat(
                                stacks.status("shared").outputs().get("out").asText())
                        .isEqualTo("hello"));
        StackStatus status = stacks.awaitReady("shared").getStatus();
        assertThat(status.outputs()).containsOnlyKeys("out");
        assertThat(status.resources()).isEqualTo(2);
        assertThat(theirs.run("stack", "export", "-s", "organization/trouble/shared"))
                .contains("Stash::one", "Stash::two")
                .doesNotContain("Stash::three");
        assertThat(theirs.stateSalt("trouble", "shared")).isEqualTo(salt);
    }

    @Test
    void aResourceThatSomebodyTookOutOfTheStateIsMadeAgain() {
        // given
        ready("taken-out");
        String urn = "urn:pulumi:taken-out::trouble::pulumi:index:Stash::one";
        cli.run("state", "delete", urn, "-s", "organization/trouble/taken-out", "--yes");

        // when
        greet("taken-out", "hello");

        // then
        patiently().until(() -> stacks.updates("taken-out").size() == 2);
        stacks.awaitReady("taken-out");
        assertThat(changes("taken-out").create()).isEqualTo(1);
        assertThat(stacks.status("taken-out").resources()).isEqualTo(2);
    }

    private enum Damage {
        TRUNCATED {
            @Override
            byte[] of(byte[] good) {
                return Arrays.copyOf(good, good.length / 2);
            }
        },
        EMPTY_FILE {
            @Override
            byte[] of(byte[] good) {
                return new byte[0];
            }
        },
        FLIPPED_AT_THE_START {
            @Override
            byte[] of(byte[] good) {
                return flipped(good, 0);
            }
        },
        FLIPPED_IN_THE_MIDDLE {
            @Override
            byte[] of(byte[] good) {
                // a quote becomes a hash
                int at = good.length / 2;
                while (good[at] != '"') {
                    at++;
                }
                return flipped(good, at);
            }
        },
        ZEROES {
            @Override
            byte[] of(byte[] good) {
                return new byte[good.length];
            }
        },
        WITHOUT_CONTENT(Reason.StateMissing) {
            @Override
            byte[] of(byte[] good) {
                return "{}".getBytes(StandardCharsets.US_ASCII);
            }
        },
        WITHOUT_STATE(Reason.StateMissing) {
            @Override
            byte[] of(byte[] good) {
                return "{\"version\":3,\"checkpoint\":{\"stack\":\"organization/trouble/any\"}}"
                        .getBytes(StandardCharsets.US_ASCII);
            }
        };

        private final Reason reason;

        Damage() {
            this(Reason.StateCorrupt);
        }

        /** Well-formed and empty: the CLI would take it for the state of a new stack. */
        Damage(Reason reason) {
            this.reason = reason;
        }

        abstract byte[] of(byte[] good);

        private static byte[] flipped(byte[] good, int at) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            return bad;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedStateIsNamedAndLeftAsItIs(Damage damage) throws IOException {
        // given
        String name = "damaged-" + damage.name().toLowerCase(Locale.ROOT).replace('_', '-');
        ready(name);
        byte[] good = Files.readAllBytes(checkpoint(name));
        byte[] bad = damage.of(good);
        Files.write(checkpoint(name), bad);

        // when
        greet(name, "hello");

        // then
        Condition stalled = stacks.awaitStalled(name, damage.reason);
        assertThat(stalled.message()).contains("backup");
        assertThat(checkpoint(name)).hasBinaryContent(bad);
        assertNeighbourWorks();

        // when
        Files.write(checkpoint(name), good);
        stacks.annotate(name, Requests.RECONCILE, "1");

        // then
        assertThat(stacks.awaitReady(name).getStatus().outputs().get("out")).hasToString("\"hello\"");
        assertThat(changes(name).create()).isZero();
    }

    private static void ready(String name) {
        stacks.create(name, TWO);
        stacks.awaitReady(name);
    }

    private static String loss(String update) {
        String stack = update.substring(0, update.lastIndexOf('-'));
        return StateGuard.loss(update, stacks.get(stack).getMetadata().getUid());
    }

    private static void greet(String name, String greeting) {
        stacks.patch(name, "{\"spec\": {\"config\": {\"greeting\": \"" + greeting + "\"}}}");
    }

    private static void assertNeighbourWorks() {
        String greeting = "at " + System.nanoTime();
        greet("neighbour", greeting);
        patiently()
                .untilAsserted(() -> assertThat(
                                stacks.status("neighbour").outputs().get("out").asText())
                        .isEqualTo(greeting));
        stacks.awaitReady("neighbour");
    }

    private static RunStatus.Changes changes(String stack) {
        return stacks.updates(stack).getLast().getStatus().run().changes();
    }

    private static Path checkpoint(String stack) {
        return operator.state().resolve(".pulumi/stacks/trouble/" + stack + ".json");
    }

    /** Moves all files of a state away, what it was beside it too. */
    private static Path takeAway(String stack) throws IOException {
        Path away = Files.createTempDirectory(folder, "away");
        for (Path file : files(stack)) {
            Files.move(file, away.resolve(file.getFileName()));
        }
        assertThat(checkpoint(stack)).doesNotExist();
        return away;
    }

    private static void putBack(String stack, Path away) throws IOException {
        try (var files = Files.list(away)) {
            for (Path file : files.toList()) {
                Files.move(file, checkpoint(stack).resolveSibling(file.getFileName()));
            }
        }
    }

    private static List<Path> files(String stack) throws IOException {
        try (var files = Files.list(checkpoint(stack).getParent())) {
            return files.filter(file -> file.getFileName().toString().startsWith(stack + "."))
                    .toList();
        }
    }
}
