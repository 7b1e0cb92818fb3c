package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.RunningOperator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stack's salt is made once, by Pulumi, and kept; its key is derived only for secrets. */
@Tag("both-modes-long")
class EncryptionSaltIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    private static Path data;

    private static RunningOperator operator;

    @BeforeAll
    static void startOperator() {
        operator = RunningOperator.start(data);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @Test
    void theKeptSaltIsTheOneOfTheState() throws IOException {
        // given
        secret("word", "first");

        // when
        Stack stack = create("""
            metadata: {name: salted}
            spec:
              project:
                inline:
                  name: salted
                  runtime: yaml
                  config: {word: {type: string}}
                  outputs: {out: "${word}"}
              configFrom: [{key: word, secretKeyRef: {name: word, key: value}}]
            """);
        awaitReady(stack, Condition.TRUE, Reason.Applied);

        // then
        String kept = read("salted-passphrase", "encryptionsalt");
        assertThat(kept).isEqualTo(saltOfState("salted"));
        assertThat(read("salted-outputs", "out")).isEqualTo("first");

        // when: another run
        secret("word", "second");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(read("salted-outputs", "out")).isEqualTo("second"));

        // then
        assertThat(read("salted-passphrase", "encryptionsalt")).isEqualTo(kept).isEqualTo(saltOfState("salted"));
    }

    @Test
    void aWrongPassphraseIsNamedWithoutAnySecretInTheConfiguration() {
        // given
        secret("phrase", "right");
        Stack stack = create("""
            metadata: {name: phrased}
            spec:
              project: {inline: {name: phrased, runtime: yaml, outputs: {out: 1}}}
              secretsProvider: {passphrase: {secretKeyRef: {name: phrase, key: value}}}
            """);
        awaitReady(stack, Condition.TRUE, Reason.Applied);

        // when
        secret("phrase", "wrong");

        // then
        awaitReady(stack, Condition.FALSE, Reason.PassphraseIncorrect);
    }

    private static Stack create(String yaml) {
        Stack stack = Serialization.unmarshal("apiVersion: stackwright.io/v1alpha1\nkind: Stack\n" + yaml, Stack.class);
        stack.getMetadata().setNamespace(operator.namespace());
        return operator.client().resource(operator.fitted(stack)).create();
    }

    private static void awaitReady(Stack stack, String status, Reason reason) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(operator.client()
                                .resource(stack)
                                .get()
                                .getStatus()
                                .condition(Condition.READY))
                        .hasValueSatisfying(ready -> {
                            assertThat(ready.reason()).as(ready.message()).isEqualTo(reason.name());
                            assertThat(ready.status()).isEqualTo(status);
                        }));
    }

    private static void secret(String name, String value) {
        operator.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(operator.namespace())
                        .endMetadata()
                        .withStringData(Map.of("value", value))
                        .build())
                .serverSideApply();
    }

    private static String read(String name, String key) {
        String encoded = operator.client()
                .secrets()
                .inNamespace(operator.namespace())
                .withName(name)
                .get()
                .getData()
                .get(key);
        return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    }

    private static String saltOfState(String name) throws IOException {
        Path state = operator.state().resolve(".pulumi/stacks/" + name + "/" + name + ".json");
        return new ObjectMapper()
                .readTree(state.toFile())
                .at("/checkpoint/latest/secrets_providers/state/salt")
                .asText();
    }
}
