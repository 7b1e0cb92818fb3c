package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong is told with its reason, tried again where that helps, and over when its cause is. */
@Tag("both-modes-long")
class StackFailuresIT {

    private static final String HELLO = """
        project:
          inline:
            name: failures
            runtime: yaml
            config: {greeting: {type: string, default: hi}}
            outputs: {out: "${greeting}"}
        updates: {retry: {initial: 1s, max: 1s}}
        """;

    @TempDir
    private static Path folder;

    private static RecordedPulumi pulumi;
    private static RunningOperator operator;
    private static Stacks stacks;

    @BeforeAll
    static void startOperator() {
        pulumi = RecordedPulumi.in(folder);
        operator = RunningOperator.start(folder.resolve("data"), RunningOperator.pulumi(pulumi.command()));
        stacks = new Stacks(operator);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @AfterEach
    void letGo() {
        pulumi.release();
    }

    @Test
    void missingConfigurationIsNotTriedAgainUntilItIsThere() {
        // when
        stacks.create("needs", HELLO.replace(", default: hi", ""));

        // then
        Condition stalled = stacks.awaitStalled("needs", Reason.ConfigInvalid);
        assertThat(stalled.message()).contains("greeting");
        int calls = pulumi.commands("needs").size();
        throughout().until(() -> pulumi.commands("needs").size() == calls);
        assertThat(stacks.status("needs").failures().nextAttemptAt()).isNull();

        // when
        greet("needs", "hello");

        // then
        assertThat(stacks.awaitReady("needs").getStatus().outputs().get("out")).hasToString("\"hello\"");
        assertThat(stacks.status("needs").failures()).isNull();
    }

    @Test
    void aProgramThatFailsIsTriedAgainAndToldOnce() {
        // when
        stacks.create("broken", HELLO.replace("\"${greeting}\"", "{\"fn::readFile\": \"${greeting}\"}"));

        // then
        Condition ready = stacks.awaitInProgress("broken", Reason.UpdateFailed);
        assertThat(ready.message()).contains("no such file");
        patiently()
                .until(() -> stacks.status("broken").failures() != null
                        && stacks.status("broken").failures().count() >= 3);
        assertThat(stacks.status("broken").condition(Condition.STALLED)).isEmpty();

        // and Events: one for all attempts, which counts them
        patiently().untilAsserted(() -> {
            List<Event> warnings =
                    stacks.events("broken", event -> event.getType().equals("Warning"));
            assertThat(warnings).singleElement().satisfies(event -> {
                assertThat(event.getReason()).isEqualTo(Reason.UpdateFailed.name());
                assertThat(event.getAction()).isEqualTo("Up");
                assertThat(event.getNote()).contains("no such file");
                assertThat(event.getSeries().getCount()).isGreaterThanOrEqualTo(3);
            });
        });

        // when it is put right
        stacks.patch("broken", "{\"spec\": {\"project\": {\"inline\": {\"outputs\": {\"out\": \"fine\"}}}}}");

        // then
        stacks.awaitReady("broken");
        patiently()
                .untilAsserted(() -> assertThat(stacks.events(
                                "broken", event -> event.getReason().equals(Reason.Succeeded.name())))
                        .singleElement()
                        .satisfies(event -> assertThat(event.getType()).isEqualTo("Normal")));
    }

    @Test
    void aRestartInABackoffNeitherShortensNorForgetsIt() {
        // given
        stacks.create(
                "patient",
                HELLO.replace("\"${greeting}\"", "{\"fn::readFile\": \"${greeting}\"}")
                        .replace("1s", "20s"));
        stacks.awaitInProgress("patient", Reason.UpdateFailed);
        Instant next = Instant.parse(stacks.status("patient").failures().nextAttemptAt());

        // when
        operator.restart(settings -> settings);

        // then
        patiently().until(() -> stacks.updates("patient").size() == 2);
        Update second = stacks.awaitPhase(
                stacks.updates("patient").getLast().getMetadata().getName(), Phase.Failed);
        assertThat(second.getSpec().cause()).isEqualTo(Cause.Retry);
        assertThat(Instant.parse(second.getMetadata().getCreationTimestamp())).isAfterOrEqualTo(next);
    }

    @Test
    void anotherPassphraseIsRefusedAndTheStateStaysAsItIs() throws IOException {
        // given
        stacks.putSecret("phrase", Map.of("passphrase", "the right one"));
        stacks.create(
                "locked-in", HELLO + "secretsProvider: {passphrase: {secretKeyRef: {name: phrase, key: passphrase}}}");
        stacks.awaitReady("locked-in");
        String state = Files.readString(operator.state().resolve(".pulumi/stacks/failures/locked-in.json"));

        // when
        stacks.putSecret("phrase", Map.of("passphrase", "a wrong one"));

        // then
        Condition stalled = stacks.awaitStalled("locked-in", Reason.PassphraseIncorrect);
        assertThat(stalled.message()).doesNotContain("the right one", "a wrong one");
        assertThat(Files.readString(operator.state().resolve(".pulumi/stacks/failures/locked-in.json")))
                .isEqualTo(state);

        // when
        stacks.putSecret("phrase", Map.of("passphrase", "the right one"));

        // then
        stacks.awaitReady("locked-in");
    }

    @Test
    void somebodyElsesLockIsWaitedForAndLeftAlone() throws IOException {
        // given
        stacks.create("shared", HELLO);
        stacks.awaitReady("shared");
        Path locks = operator.state().resolve(".pulumi/locks/organization/failures/shared");
        Files.createDirectories(locks);
        Path lock = locks.resolve("7d0cb9f6-4a55-4c62-a0b7-8a2f0b7a1c11.json");
        String holder = "{\"pid\":1,\"username\":\"anna\",\"hostname\":\"laptop\","
                + "\"timestamp\":\"2026-05-01T12:00:00.000000001Z\"}";
        Files.writeString(lock, holder);

        // when
        greet("shared", "hello");

        // then
        Condition ready = stacks.awaitInProgress("shared", Reason.Locked);
        assertThat(ready.message()).contains("anna@laptop");
        assertThat(stacks.status("shared").failures().nextAttemptAt()).isNotNull();
        patiently().until(() -> stacks.status("shared").failures().count() >= 2);
        assertThat(lock).hasContent(holder);

        // when
        Files.delete(lock);

        // then
        patiently()
                .untilAsserted(() ->
                        assertThat(stacks.status("shared").outputs().get("out")).hasToString("\"hello\""));
        stacks.awaitReady("shared");
    }

    @Test
    void aBackendThatIsAwayIsTriedAgain() throws IOException {
        // given
        Path backend = Files.createDirectories(folder.resolve("backend"));
        stacks.create("away", HELLO + "backend: {url: \"file://" + backend + "\"}");
        stacks.awaitReady("away");
        Files.move(backend, folder.resolve("moved"));

        // when
        greet("away", "hello");

        // then
        stacks.awaitInProgress("away", Reason.BackendUnavailable);
        patiently()
                .until(() -> stacks.status("away").failures() != null
                        && stacks.status("away").failures().count() >= 2);
        assertThat(backend).doesNotExist();

        // when
        Files.move(folder.resolve("moved"), backend);

        // then
        patiently()
                .untilAsserted(() ->
                        assertThat(stacks.status("away").outputs().get("out")).hasToString("\"hello\""));
        stacks.awaitReady("away");
    }

    @Tag("both-modes")
    @Test
    void whatTakesTooLongIsStoppedAndTriedAgain() {
        // given
        stacks.create("slow", HELLO);
        stacks.awaitReady("slow");
        stacks.patch("slow", "{\"spec\": {\"updates\": {\"timeout\": \"2s\", \"grace\": \"1s\"}}}");
        pulumi.hold();

        // when
        greet("slow", "hello");

        // then
        assertThat(stacks.awaitPhase("slow-2", Phase.Failed)
                        .getStatus()
                        .failure()
                        .reason())
                .isEqualTo(Reason.TimedOut.name());
        patiently()
                .untilAsserted(() -> assertThat(
                                stacks.events("slow", event -> event.getReason().equals(Reason.TimedOut.name())))
                        .isNotEmpty());
        assertThat(stacks.status("slow").condition(Condition.STALLED)).isEmpty();

        // when
        pulumi.release();

        // then
        patiently()
                .untilAsserted(() ->
                        assertThat(stacks.status("slow").outputs().get("out")).hasToString("\"hello\""));
        stacks.awaitReady("slow");
    }

    private static void greet(String name, String greeting) {
        stacks.patch(name, "{\"spec\": {\"config\": {\"greeting\": \"" + greeting + "\"}}}");
    }
}
