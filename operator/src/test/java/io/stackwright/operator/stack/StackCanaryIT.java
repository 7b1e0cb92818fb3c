package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.testkit.GitServer;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A secret that goes in, or comes out as one, is in its Secret and, encrypted, in the state: nowhere else. */
class StackCanaryIT {

    private static final String PROGRAM = """
        name: canaries
        runtime: yaml
        config:
          token: {type: string, secret: true}
        variables:
          half: {"fn::secret": {"fn::join": ["", ["%1$s", "%2$s"]]}}
        resources:
          kept: {type: "pulumi:index:Stash", properties: {input: "${token}"}}
        outputs:
          token: ${token}
          made: ${half}
          nested: {list: [{deep: "${token}"}]}
          plain: fine
        """;

    /** Names a file after the secret: the error message of the program has it. */
    private static final String TELLTALE = """
        name: canaries
        runtime: yaml
        config:
          token: {type: string, secret: true}
        outputs:
          token: ${token}
          oops: {"fn::readFile": "/nowhere/${token}"}
        """;

    @TempDir
    private static Path folder;

    @TempDir
    private static Path scripts;

    private static GitServer git;
    private static RunningOperator operator;
    private static Stacks stacks;

    private final String config = canary();
    private final String variable = canary();
    private final String variables = canary();
    /** Longer than a whole message, so that only a part of it may be seen. */
    private final String large = canary() + "-" + "large".repeat(400);

    private final String passphrase = canary();
    private final String credential = canary();
    private final String made = canary();
    private Leaks leaks;

    @BeforeAll
    static void startOperator() {
        git = GitServer.start();
        git.create("canaries");
        Path cli = RecordingCli.script(scripts.resolve("pulumi"), """
            #!/bin/sh
            if [ -e '%1$s/babble' ] && [ "$1" = up ]; then
              /usr/bin/env >&2
              echo "error: it is $PULUMI_CONFIG_PASSPHRASE, $CANARY and $ALL_variables, $ALL_large" >&2
              exit 1
            fi
            exec '%2$s' "$@"
            """.formatted(scripts, Toolchain.pulumi()));
        operator = RunningOperator.start(
                folder,
                settings -> RunningOperator.sourcesFrom(git.hostAndPort())
                        .apply(RunningOperator.pulumi(cli.toString()).apply(settings)));
        stacks = new Stacks(operator);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
        git.close();
    }

    @BeforeEach
    void search() {
        leaks = new Leaks(
                operator.client(),
                operator.namespace(),
                folder,
                operator.httpPort(),
                List.of(config, variable, variables, large.substring(0, 43), passphrase, credential, made));
    }

    @AfterEach
    void stopSearch() {
        leaks.close();
    }

    @Test
    void whatGoesWellTellsNothing() {
        // given
        commit(PROGRAM.formatted(made.substring(0, 20), made.substring(20)));

        // when
        create("well");
        stacks.awaitReady("well");

        // then the secrets did arrive
        assertThat(stacks.secret("well-outputs"))
                .containsEntry("token", config)
                .containsEntry("made", made)
                .containsEntry("nested", "{\"list\":[{\"deep\":\"" + config + "\"}]}");
        assertThat(leaks.samples()).isPositive();
        assertThat(leaks.places(Set.of("well-inputs", "well-git", "well-outputs")))
                .isEmpty();

        // when it is looked at, changed and destroyed
        stacks.createUpdate("well-look", "{stack: well, operation: Preview}");
        stacks.awaitPhase("well-look", Phase.Succeeded);
        stacks.createUpdate("well-refresh", "{stack: well, operation: Refresh}");
        stacks.awaitPhase("well-refresh", Phase.Succeeded);
        stacks.delete("well");
        stacks.awaitGone("well");

        // then
        assertThat(leaks.places(Set.of("well-inputs", "well-git"))).isEmpty();
    }

    @Test
    void whatTheProgramComplainsOfIsMasked() {
        // given
        commit(TELLTALE);

        // when
        create("complains");

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.updates("complains"))
                        .singleElement()
                        .satisfies(update -> {
                            assertThat(update.getStatus().run()).isNotNull();
                            assertThat(update.getStatus().run().diagnostics())
                                    .isNotNull()
                                    .anySatisfy(diagnostic ->
                                            assertThat(diagnostic.message()).contains("/nowhere/[secret]"));
                        }));
        stacks.awaitReady("complains");
        assertThat(leaks.places(Set.of("complains-inputs", "complains-git", "complains-outputs")))
                .isEmpty();
    }

    @Test
    void aResourceThatIsNamedAfterASecretIsMasked() {
        // given a program whose author has put the value into it
        commit(PROGRAM.formatted(made.substring(0, 20), made.substring(20))
                .replace("  kept: {type", "  " + config + ": {type"));

        // when
        create("named");
        stacks.awaitReady("named");

        // then
        assertThat(stacks.updates("named").getFirst().getStatus().run().steps()).anySatisfy(step -> {
            assertThat(step.name()).isEqualTo("[secret]");
            assertThat(step.urn()).endsWith("::[secret]");
        });
        Set<String> places = leaks.places(Set.of("named-inputs", "named-git", "named-outputs"));
        // The name is in Pulumi's own state and in the source, where its author has put it.
        assertThat(places)
                .allSatisfy(place -> assertThat(place).matches("file (state/|.*/git-server\\d+/canaries-work/).*"));
        stacks.delete("named");
        stacks.awaitGone("named");
    }

    @Test
    void whatTheCliBabblesIsMasked() throws IOException {
        // given a CLI that prints its whole environment and fails
        commit(PROGRAM.formatted(made.substring(0, 20), made.substring(20)));
        Path babble = Files.createFile(scripts.resolve("babble"));

        // when
        create("babbles");
        stacks.create("generated", "project: {inline: {name: canaries, runtime: yaml}}");

        // then
        try {
            assertThat(stacks.awaitInProgress("babbles", Reason.UpdateFailed).message())
                    .contains("it is [secret], [secret] and [secret], [secret]");
            stacks.awaitInProgress("generated", Reason.UpdateFailed);
        } finally {
            Files.delete(babble);
        }
        patiently()
                .until(() -> !stacks.events("babbles", event -> event.getNote().contains("it is [secret]"))
                        .isEmpty());
        assertThat(leaks.places(Set.of("babbles-inputs", "babbles-git"))).isEmpty();

        // and a passphrase that we made up is masked like one that was given
        String generated = stacks.secret("generated-passphrase").get("passphrase");
        try (Leaks more =
                new Leaks(operator.client(), operator.namespace(), folder, operator.httpPort(), List.of(generated))) {
            assertThat(more.places(Set.of("generated-passphrase"))).isEmpty();
        }
    }

    @Test
    void whatIsRefusedTellsNothing() {
        // given
        commit(PROGRAM.formatted(made.substring(0, 20), made.substring(20))
                .replace("{type: string, secret: true}", "{type: integer, secret: true}"));

        // when, then: a value of a wrong type
        create("badly");
        stacks.awaitStalled("badly", Reason.ConfigInvalid);

        // when, then: a wrong passphrase
        stacks.putSecret("badly-inputs", inputs(passphrase + " but wrong"));
        stacks.awaitStalled("badly", Reason.PassphraseIncorrect);

        // when, then: a wrong credential
        stacks.putSecret(
                "badly-git", Map.of("username", "git", "password", credential + "!", "ca.crt", git.certificate()));
        stacks.annotate("badly", "stackwright.io/reconcile", "credential");
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("badly")
                                .condition(Condition.SOURCE_READY)
                                .orElseThrow()
                                .status())
                        .isEqualTo(Condition.FALSE));
        assertThat(leaks.places(Set.of("badly-inputs", "badly-git"))).isEmpty();
    }

    @Test
    void theSearchFindsWhatIsThere() throws Exception {
        // given one in each place
        stacks.create(
                "found", "project: {inline: {name: canaries, runtime: yaml, outputs: {out: \"" + config + "\"}}}");
        stacks.awaitReady("found");
        stacks.createUpdate("found-update", "{stack: nobody, operation: Preview, fingerprint: " + variable + "}");
        stacks.putSecret("found-secret", Map.of("key", passphrase));
        stacks.putConfigMap("found-map", Map.of("key", passphrase));
        operator.client()
                .resource(new EventBuilder()
                        .withNewMetadata()
                        .withName("found-event")
                        .withNamespace(operator.namespace())
                        .endMetadata()
                        .withType("Normal")
                        .withReason("Test")
                        .withAction("Test")
                        .withNote("it is " + credential)
                        .withReportingController("stackwright.io/test")
                        .withReportingInstance("test")
                        .withNewRegarding()
                        .withNamespace(operator.namespace())
                        .endRegarding()
                        .withEventTime(new io.fabric8.kubernetes.api.model.MicroTime(
                                Instant.parse("2026-05-01T12:00:00.000001Z").toString()))
                        .build())
                .create();
        LoggerFactory.getLogger("io.stackwright.operator.test").debug("it is {}", made);
        Path file = Files.createDirectories(folder.resolve("logs")).resolve("found");
        Files.writeString(file, "it is " + variables);
        Path elsewhere = Files.createTempFile("stackwright-found", "");
        Files.writeString(elsewhere, "it is " + variables);
        Process process = start("argument-" + config, "VARIABLE", variable);

        // then all are found; no metric can hold what a Stack says, so one is searched for by its name
        try (Leaks known = new Leaks(
                operator.client(),
                operator.namespace(),
                folder,
                operator.httpPort(),
                List.of("stackwright_reconciles_total"))) {
            assertThat(known.places(Set.of())).contains("metrics");
            patiently()
                    .untilAsserted(() -> assertThat(leaks.places(Set.of()))
                            .contains(
                                    "Stack found",
                                    "Update found-update",
                                    "Secret found-secret",
                                    "Secret found-outputs",
                                    "ConfigMap found-map",
                                    "Event found-event",
                                    "log",
                                    "file logs/found",
                                    "file " + elsewhere,
                                    "command line of /bin/sh",
                                    "environment of /bin/sh")
                            .anyMatch(place -> place.startsWith("file state/")));
        } finally {
            process.destroy();
            Files.delete(file);
            Files.delete(elsewhere);
            operator.client().resource(stacks.update("found-update")).delete();
            stacks.delete("found");
            stacks.awaitGone("found");
        }
    }

    private static Process start(String argument, String name, String value) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", "read line", argument);
        builder.environment().put(name, value);
        return builder.start();
    }

    private void commit(String program) {
        GitServer.Repository repository = git.open("canaries");
        repository.commit(Map.of("Pulumi.yaml", program));
    }

    private void create(String name) {
        git.requireBasicAuth("git", credential);
        stacks.putSecret(name + "-inputs", inputs(passphrase));
        stacks.putSecret(name + "-git", Map.of("username", "git", "password", credential, "ca.crt", git.certificate()));
        stacks.create(name, """
            project: {git: {url: "%1$s", secretRef: {name: %2$s-git}}}
            configFrom: [{key: token, secretKeyRef: {name: %2$s-inputs, key: config}}]
            env: [{name: CANARY, valueFrom: {secretKeyRef: {name: %2$s-inputs, key: variable}}}]
            envFrom: [{secretRef: {name: %2$s-inputs}, prefix: ALL_}]
            secretsProvider: {passphrase: {secretKeyRef: {name: %2$s-inputs, key: passphrase}}}
            updates: {retry: {initial: 1s, max: 2s}}
            """.formatted(git.url("canaries"), name));
    }

    private Map<String, String> inputs(String phrase) {
        return Map.of(
                "config", config, "variable", variable, "variables", variables, "large", large, "passphrase", phrase);
    }

    private static String canary() {
        return "canary-" + UUID.randomUUID();
    }
}
