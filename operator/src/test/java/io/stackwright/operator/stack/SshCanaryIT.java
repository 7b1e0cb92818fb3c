package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.source.SshGitServer;
import io.stackwright.testkit.GitServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyEncryptionContext;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The key that a repository is fetched with, and the password that it is locked with, are in their Secret alone. */
class SshCanaryIT {

    @TempDir
    private Path folder;

    private final GitServer repositories = GitServer.start();
    private final String password = "canary-" + UUID.randomUUID();
    private SshGitServer server;
    private RunningOperator operator;
    private Stacks stacks;
    private String identity;
    private Leaks leaks;

    @BeforeEach
    void start() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair user = generator.generateKeyPair();
        identity = locked(user);
        server = new SshGitServer(generator.generateKeyPair(), user.getPublic());
        repositories.create("canaries").commit(Map.of("Pulumi.yaml", "{name: ssh, runtime: yaml, outputs: {out: a}}"));
        operator = RunningOperator.start(folder, RunningOperator.sourcesFrom("localhost"));
        stacks = new Stacks(operator);
        leaks = new Leaks(operator.client(), operator.namespace(), folder, operator.httpPort(), canaries());
    }

    @AfterEach
    void stop() {
        leaks.close();
        operator.close();
        server.close();
        repositories.close();
    }

    @Test
    void neitherSuccessNorFailureTellsTheKey() {
        // given
        secret(password);

        // when
        stacks.create(
                "well", """
                    project: {git: {url: "%s", secretRef: {name: ssh}, interval: 30s}}
                    updates: {retry: {initial: 1s, max: 2s}}
                    """.formatted(server.url(repositories.open("canaries").directory())));
        stacks.awaitReady("well");

        // then
        assertThat(leaks.samples()).isPositive();
        assertThat(leaks.places(Set.of("ssh"))).isEmpty();

        // when the password does not open the key
        secret(password + "!");
        stacks.annotate("well", Requests.RECONCILE, "1");

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("well").condition(Condition.SOURCE_READY))
                        .hasValueSatisfying(source ->
                                assertThat(source.reason()).isEqualTo(Reason.SourceAuthenticationFailed.name())));
        assertThat(leaks.places(Set.of("ssh"))).isEmpty();

        // when the host is not known
        String before = source().message();
        stacks.putSecret(
                "ssh",
                Map.of(
                        "ssh-privatekey",
                        identity,
                        "password",
                        password,
                        "known_hosts",
                        server.knownHosts().replace("localhost", "elsewhere")));

        // then
        patiently().untilAsserted(() -> assertThat(source().message()).isNotEqualTo(before));
        assertThat(source().status()).isEqualTo(Condition.FALSE);
        assertThat(leaks.places(Set.of("ssh"))).isEmpty();
    }

    private Condition source() {
        return stacks.status("well").condition(Condition.SOURCE_READY).orElseThrow();
    }

    private void secret(String opens) {
        stacks.putSecret(
                "ssh", Map.of("ssh-privatekey", identity, "password", opens, "known_hosts", server.knownHosts()));
    }

    /** The password, and pieces of the key as it stands in its file. */
    private List<String> canaries() {
        String[] lines = identity.split("\n");
        return List.of(password, lines[1], lines[5], lines[lines.length - 3]);
    }

    private String locked(KeyPair pair) throws Exception {
        OpenSSHKeyEncryptionContext with = new OpenSSHKeyEncryptionContext();
        with.setPassword(password);
        with.setCipherName("AES");
        with.setCipherMode("CTR");
        with.setCipherType("256");
        var out = new java.io.ByteArrayOutputStream();
        OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, "canary", with, out);
        return out.toString(StandardCharsets.US_ASCII);
    }
}
