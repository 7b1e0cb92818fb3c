package io.stackwright.operator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.operator.engine.automation.AutomationEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What we encrypt the CLI decrypts, and the other way round. */
class PassphraseIT {

    private static final String VALUE = "päss\nwörd 🔑 \"'{}";

    @TempDir
    Path root;

    @Test
    void bothReadWhatTheOtherWrote() throws IOException {
        // given
        RealPulumi pulumi = RealPulumi.in(root);
        PulumiEngine engine = new AutomationEngine(RealPulumi.cli().toString(), RealPulumi.searchPath());
        Workspace workspace = pulumi.program(
                "p", "dev", "runtime: yaml\nconfig: {token: {type: string, secret: true}}\noutputs: {t: '${token}'}\n");
        String settings = "encryptionsalt: " + pulumi.crypter().encryptionSalt() + "\nconfig:\n  p:token:\n    secure: "
                + pulumi.crypter().encrypt(VALUE) + "\n";
        Files.writeString(RealPulumi.settings(workspace), settings);

        // when the CLI reads ours
        assertThat(engine.createStack(workspace)).isTrue();
        OperationResult result =
                engine.up(workspace, OperationOptions.defaults(), (progress, changes) -> {}, new CancelToken());

        // then
        assertThat(result.failure()).isEmpty();
        assertThat(result.outputs().get().get("t").value().textValue()).isEqualTo(VALUE);
        assertThat(RealPulumi.settings(workspace)).hasContent(settings.strip());

        // and when we read the CLI's
        JsonNode deployment = engine.export(workspace).path("deployment");
        String salt =
                deployment.path("secrets_providers").path("state").path("salt").asText();
        assertThat(salt).isEqualTo(pulumi.crypter().encryptionSalt());
        PassphraseCrypter crypter = PassphraseCrypter.open(RealPulumi.PASSPHRASE, salt, new PassphraseKeys(1));
        String ciphertext =
                deployment.path("resources").findValue("t").path("ciphertext").asText();
        assertThat(crypter.decrypt(ciphertext)).contains("wörd 🔑");
        assertThat(deployment.toString()).doesNotContain("wörd");
    }
}
