package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.engine.PassphraseCrypter;
import io.stackwright.operator.engine.PassphraseKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Passphrases and salts that are wrong, gone, exchanged or lost: no secret of a state is lost by it. */
@Tag("both-modes-long")
class EncryptionTroubleIT {

    private static final String SECRETIVE = """
        project:
          inline:
            name: trouble
            runtime: yaml
            config: {greeting: {type: string, default: hi}, word: {type: string, secret: true}}
            resources:
              one: {type: "pulumi:index:Stash", properties: {input: "${word}"}}
            outputs: {word: "${one.output}", out: "${greeting}"}
        configFrom: [{key: word, secretKeyRef: {name: word, key: value}}]
        updates: {retry: {initial: 1s, max: 1s}}
        """;

    private static final String OF_ITS_OWN =
            SECRETIVE + "secretsProvider: {passphrase: {secretKeyRef: {name: phrase-%s, key: passphrase}}}\n";

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
        stacks.putSecret("word", Map.of("value", "shibboleth"));
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @Test
    void aPassphraseThatIsGoneIsWaitedForAndNothingIsDoneWhenItIsBack() {
        // given
        ownPassphrase("gone", "the right one");
        int calls = pulumi.commands("gone").size();

        // when
        stacks.deleteSecret("phrase-gone");

        // then
        assertThat(stacks.awaitInProgress("gone", Reason.InputsNotReady).message())
                .contains("phrase-gone");

        // when
        stacks.putSecret("phrase-gone", Map.of("passphrase", "the right one"));

        // then
        stacks.awaitReady("gone");
        throughout().until(() -> pulumi.commands("gone").size() == calls);
        assertThat(stacks.secret("gone-outputs")).containsEntry("word", "shibboleth");
    }

    @Test
    void anExchangedPassphraseStallsAndRecoversByItselfWhenItIsPutBack() {
        // given
        ownPassphrase("exchanged", "the right one");
        String before = state("exchanged");

        // when
        stacks.putSecret("phrase-exchanged", Map.of("passphrase", "a wrong one"));

        // then
        assertThat(stacks.awaitStalled("exchanged", Reason.PassphraseIncorrect).message())
                .doesNotContain("the right one", "a wrong one");
        assertThat(state("exchanged")).isEqualTo(before);

        // when
        stacks.putSecret("phrase-exchanged", Map.of("passphrase", "the right one"));

        // then
        stacks.awaitReady("exchanged");
        assertThat(stacks.secret("exchanged-outputs")).containsEntry("word", "shibboleth");
    }

    /** As docs/howto/passphrases.md says it. */
    @Test
    void aPassphraseIsExchangedWithTheCliAndTheKeptSaltThrownAway() {
        // given
        ownPassphrase("rotated", "the old one");
        stacks.patch("rotated", "{\"spec\": {\"suspend\": true}}");
        stacks.awaitReady("rotated");
        Cli cli = Cli.in(folder.resolve("rotate"), operator.state(), "the old one");
        cli.project("{name: trouble, runtime: yaml}");
        cli.runWith(
                "the new one", "stack", "change-secrets-provider", "passphrase", "-s", "organization/trouble/rotated");
        String salt = cli.stateSalt("trouble", "rotated");
        assertThat(salt).isNotEqualTo(stacks.secret("rotated-encryptionsalt").get("encryptionsalt"));

        // when
        stacks.putSecret("phrase-rotated", Map.of("passphrase", "the new one"));
        setKept("rotated-encryptionsalt", "encryptionsalt", null);
        stacks.patch("rotated", "{\"spec\": {\"suspend\": false, \"config\": {\"greeting\": \"hello\"}}}");

        // then
        awaitGreeting("rotated", "hello");
        assertThat(stacks.secret("rotated-outputs")).containsEntry("word", "shibboleth");
        assertThat(stacks.secret("rotated-encryptionsalt")).containsEntry("encryptionsalt", salt);
        assertThat(cli.stateSalt("trouble", "rotated")).isEqualTo(salt);
    }

    /** As docs/howto/passphrases.md says it. */
    @Test
    void aGeneratedPassphraseIsExchangedInItsOwnSecret() {
        // given
        stacks.create("remade", SECRETIVE);
        stacks.awaitReady("remade");
        stacks.patch("remade", "{\"spec\": {\"suspend\": true}}");
        stacks.awaitReady("remade");
        Cli cli = Cli.in(
                folder.resolve("remake"),
                operator.state(),
                stacks.secret("remade-passphrase").get("passphrase"));
        cli.project("{name: trouble, runtime: yaml}");
        cli.runWith(
                "the new one", "stack", "change-secrets-provider", "passphrase", "-s", "organization/trouble/remade");
        String salt = cli.stateSalt("trouble", "remade");

        // when
        operator.client()
                .secrets()
                .inNamespace(operator.namespace())
                .withName("remade-passphrase")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"stringData\": {\"passphrase\": \"the new one\"}, \"data\": {\"encryptionsalt\": null}}");
        stacks.patch("remade", "{\"spec\": {\"suspend\": false}}");
        stacks.annotate("remade", Requests.RECONCILE, "1");

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.secret("remade-passphrase"))
                        .isEqualTo(Map.of("passphrase", "the new one", "encryptionsalt", salt)));
        greet("remade", "hello");
        awaitGreeting("remade", "hello");
        assertThat(stacks.secret("remade-outputs")).containsEntry("word", "shibboleth");
        assertThat(cli.stateSalt("trouble", "remade")).isEqualTo(salt);
    }

    @Test
    void aGeneratedPassphraseIsNeverMadeAnew() {
        // given
        stacks.create("generated", SECRETIVE);
        stacks.awaitReady("generated");
        Secret backup = kept("generated-passphrase");
        String before = state("generated");

        // when somebody deletes it with force
        operator.client()
                .resource(backup)
                .edit(secret -> new SecretBuilder(secret)
                        .editMetadata()
                        .withFinalizers()
                        .endMetadata()
                        .build());
        stacks.deleteSecret("generated-passphrase");
        greet("generated", "hello");

        // then
        assertThat(stacks.awaitStalled("generated", Reason.InputsInvalid).message())
                .contains("generated-passphrase", "is gone", "restore it from a backup", Requests.RECONCILE);
        assertThat(state("generated")).isEqualTo(before);
        assertThat(stacks.secret("generated-passphrase")).isNull();

        // when it is restored, without what the operator wrote of itself
        operator.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("generated-passphrase")
                        .withNamespace(operator.namespace())
                        .addToLabels("app.kubernetes.io/managed-by", "stackwright")
                        .addToLabels("stackwright.io/stack", "generated")
                        .endMetadata()
                        .withData(backup.getData())
                        .build())
                .create();
        stacks.annotate("generated", Requests.RECONCILE, "1");

        // then
        awaitGreeting("generated", "hello");
        assertThat(stacks.secret("generated-outputs")).containsEntry("word", "shibboleth");
        assertThat(kept("generated-passphrase").getMetadata().getFinalizers()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"passphrase=a wrong one", "encryptionsalt=no salt", "encryptionsalt=OTHER"})
    void aKeptValueThatWasChangedStallsAndChangesNothing(String change) {
        // given
        String key = change.substring(0, change.indexOf('='));
        String value = change.substring(change.indexOf('=') + 1).replace("OTHER", saltOf("another passphrase"));
        String name = "changed-" + Integer.toHexString(change.hashCode());
        stacks.create(name, SECRETIVE);
        stacks.awaitReady(name);
        String good = stacks.secret(name + "-passphrase").get(key);
        String before = state(name);

        // when
        setKept(name + "-passphrase", key, value);
        greet(name, "hello");

        // then
        assertThat(stacks.awaitStalled(name, Reason.PassphraseIncorrect).message())
                .contains(name + "-passphrase")
                .doesNotContain(good);
        assertThat(state(name)).isEqualTo(before);

        // when
        setKept(name + "-passphrase", key, good);
        stacks.annotate(name, Requests.RECONCILE, "1");

        // then
        awaitGreeting(name, "hello");
        assertThat(stacks.secret(name + "-outputs")).containsEntry("word", "shibboleth");
    }

    @Test
    void aLostSaltIsTakenFromTheState() {
        // given
        stacks.create("unsalted", SECRETIVE);
        stacks.awaitReady("unsalted");
        String salt = stacks.secret("unsalted-passphrase").get("encryptionsalt");

        // when
        setKept("unsalted-passphrase", "encryptionsalt", null);
        greet("unsalted", "hello");

        // then
        awaitGreeting("unsalted", "hello");
        assertThat(stacks.secret("unsalted-passphrase")).containsEntry("encryptionsalt", salt);
        assertThat(stateSalt("unsalted")).isEqualTo(salt);
        assertThat(stacks.secret("unsalted-outputs")).containsEntry("word", "shibboleth");
    }

    @Test
    void anotherSaltOfTheSamePassphraseLosesNothing() {
        // given
        stacks.create("resalted", SECRETIVE);
        stacks.awaitReady("resalted");
        String passphrase = stacks.secret("resalted-passphrase").get("passphrase");
        String salt = saltOf(passphrase);

        // when
        setKept("resalted-passphrase", "encryptionsalt", salt);
        greet("resalted", "hello");

        // then
        awaitGreeting("resalted", "hello");
        assertThat(stateSalt("resalted")).isEqualTo(salt);
        assertThat(stacks.secret("resalted-outputs")).containsEntry("word", "shibboleth");
    }

    private static void ownPassphrase(String name, String passphrase) {
        stacks.putSecret("phrase-" + name, Map.of("passphrase", passphrase));
        stacks.create(name, OF_ITS_OWN.formatted(name));
        stacks.awaitReady(name);
    }

    private static void greet(String name, String greeting) {
        stacks.patch(name, "{\"spec\": {\"config\": {\"greeting\": \"" + greeting + "\"}}}");
    }

    private static void awaitGreeting(String name, String greeting) {
        patiently()
                .untilAsserted(() -> assertThat(
                                stacks.status(name).outputs().get("out").asText())
                        .as("%s", stacks.status(name).condition(Condition.READY))
                        .isEqualTo(greeting));
        stacks.awaitReady(name);
    }

    private static String saltOf(String passphrase) {
        return PassphraseCrypter.create(passphrase, new PassphraseKeys(1)).encryptionSalt();
    }

    private static Secret kept(String name) {
        return operator.client()
                .secrets()
                .inNamespace(operator.namespace())
                .withName(name)
                .get();
    }

    /** Changes one value of what the operator keeps; null takes it out. */
    private static void setKept(String name, String key, String value) {
        operator.client().resource(kept(name)).edit(secret -> {
            SecretBuilder changed = new SecretBuilder(secret).removeFromData(key);
            return value == null
                    ? changed.build()
                    : changed.addToData(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)))
                            .build();
        });
    }

    private static String state(String name) {
        try {
            return Files.readString(operator.state().resolve(".pulumi/stacks/trouble/" + name + ".json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String stateSalt(String name) {
        return Cli.in(folder.resolve("any"), operator.state(), "any").stateSalt("trouble", name);
    }
}
