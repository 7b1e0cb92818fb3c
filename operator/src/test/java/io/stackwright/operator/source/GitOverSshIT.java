package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.testkit.GitServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Resolving and fetching from a real ssh server. */
class GitOverSshIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @TempDir
    static Path keys;

    private static GitServer repositories;
    private static Key host;
    private static Key user;

    @TempDir
    Path temp;

    private final SourceFixture references = new SourceFixture();
    private ProjectSources sources;
    private SshGitServer server;

    /** A key pair as ssh-keygen writes it. */
    private record Key(String text, KeyPair pair) {

        static Key make(String name, String type, String password, String format)
                throws IOException, InterruptedException, GeneralSecurityException {
            Path file = keys.resolve(name);
            Process process = new ProcessBuilder(
                            "ssh-keygen", "-q", "-t", type, "-m", format, "-N", password, "-f", file.toString())
                    .inheritIO()
                    .start();
            assertThat(process.waitFor()).isZero();
            String text = Files.readString(file);
            try (var in = Files.newInputStream(file)) {
                KeyPair pair = SecurityUtils.loadKeyPairIdentities(
                                null, NamedResource.ofName(name), in, FilePasswordProvider.of(password))
                        .iterator()
                        .next();
                return new Key(text, pair);
            }
        }
    }

    @BeforeAll
    static void makeKeys() throws Exception {
        repositories = GitServer.start();
        repositories.create("shop").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        host = Key.make("host", "ed25519", "", "RFC4716");
        user = Key.make("user", "ed25519", "", "RFC4716");
    }

    @AfterAll
    static void stop() {
        repositories.close();
    }

    @BeforeEach
    void open() {
        server = new SshGitServer(host.pair(), user.pair().getPublic());
        reopen(Set.of("localhost"), TIMEOUT, 10 << 20);
    }

    @AfterEach
    void close() {
        sources.close();
        server.close();
    }

    private void reopen(Set<String> allowedHosts, Duration timeout, long maxBytes) {
        if (sources != null) {
            sources.close();
        }
        sources = new ProjectSources(
                SourceFixture.settings(temp.resolve("data"), allowedHosts, timeout, maxBytes),
                references,
                Clock.systemUTC(),
                stack -> {},
                (kind, succeeded, took) -> {});
    }

    private SourceState settle(ProjectSource project) {
        return await().atMost(TIMEOUT)
                .until(
                        () -> sources.resolve(SourceFixture.STACK, project, Optional.empty()),
                        state -> !(state instanceof SourceState.Pending));
    }

    private ProjectSource shop(String secret) {
        String url = server.url(repositories.open("shop").directory());
        return SourceFixture.git(url, "main", null, null, null, secret);
    }

    private SourceState.Unresolved refused(ProjectSource project, Reason reason) {
        SourceState state = settle(project);
        assertThat(state).isInstanceOf(SourceState.Unresolved.class);
        assertThat(((SourceState.Unresolved) state).reason())
                .as(state.toString())
                .isEqualTo(reason);
        return (SourceState.Unresolved) state;
    }

    @ParameterizedTest
    @CsvSource({"ed25519, '', RFC4716", "ed25519, CANARYpass, RFC4716", "rsa, '', PEM", "ecdsa, CANARYpass, RFC4716"})
    void readsKeysOfEveryUsualKind(String type, String password, String format) throws Exception {
        // given
        Key key = Key.make(type + password.length() + format, type, password, format);
        server.close();
        server = new SshGitServer(host.pair(), key.pair().getPublic());
        Map<String, String> data = new HashMap<>();
        data.put(password.isEmpty() ? "identity" : "ssh-privatekey", key.text());
        data.put("known_hosts", server.knownHosts());
        data.put("password", password);
        references.secret("key", data);

        // when
        SourceState state = settle(shop("key"));

        // then
        assertThat(state).isInstanceOf(SourceState.Resolved.class);
        Revision revision = ((SourceState.Resolved) state).revision();
        assertThat(revision.revision())
                .isEqualTo("main@sha1:" + repositories.open("shop").head());
        Path directory = sources.fetch(SourceFixture.STACK, shop("key"), revision, temp.resolve("w"));
        assertThat(directory.resolve("Pulumi.yaml")).hasContent(SourceFixture.PROJECT);

        // and: sessions end, and nothing of the key is on the disk
        await().untilAsserted(() -> assertThat(server.sessions()).isZero());
        try (Stream<Path> files = Files.walk(temp)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .doesNotContain("PRIVATE KEY", "CANARY", "ssh-ed25519");
            }
        }
    }

    @Test
    void refusesAnUnknownHostKey() throws Exception {
        // given
        Key other = Key.make("other-host", "ed25519", "", "RFC4716");
        references.secret(
                "wrong",
                Map.of(
                        "identity",
                        user.text(),
                        "known_hosts",
                        server.line(other.pair().getPublic())));
        references.secret(
                "elsewhere",
                Map.of(
                        "identity",
                        user.text(),
                        "known_hosts",
                        "github.com " + server.knownHosts().split(" ", 4)[3]));
        references.secret(
                "revoked",
                Map.of(
                        "identity",
                        user.text(),
                        "known_hosts",
                        server.knownHosts() + "@revoked "
                                + server.knownHosts()
                                        .lines()
                                        .skip(1)
                                        .findFirst()
                                        .orElseThrow() + "\n"));

        // then
        assertThat(refused(shop("wrong"), Reason.SourceAuthenticationFailed).message())
                .contains("host key of localhost");
        refused(shop("elsewhere"), Reason.SourceAuthenticationFailed);
        refused(shop("revoked"), Reason.SourceAuthenticationFailed);
    }

    @Test
    void saysWhatIsWrongWithTheCredentials() throws Exception {
        // given
        Key stranger = Key.make("stranger", "ed25519", "", "RFC4716");
        Key locked = Key.make("locked", "ed25519", "CANARY", "RFC4716");
        references.secret("stranger", Map.of("identity", stranger.text(), "known_hosts", server.knownHosts()));
        references.secret("locked", Map.of("identity", locked.text(), "known_hosts", server.knownHosts()));
        references.secret("garbage", Map.of("identity", "CANARY", "known_hosts", server.knownHosts()));

        // then
        assertThat(refused(shop("stranger"), Reason.SourceAuthenticationFailed).message())
                .contains("refuses the login", "Secret stranger");
        assertThat(refused(shop("locked"), Reason.SourceAuthenticationFailed).message())
                .contains("ssh key in Secret locked cannot be read");
        assertThat(refused(shop("garbage"), Reason.SourceAuthenticationFailed).message())
                .contains("ssh key in Secret garbage cannot be read")
                .doesNotContain("CANARY");
    }

    @Test
    void doesNotConnectToLoopbackAndSaysWhatDoesNotExist() {
        // given
        references.secret("key", Map.of("identity", user.text(), "known_hosts", server.knownHosts()));
        String absent = server.url(temp.resolve("absent.git"));

        // then
        refused(SourceFixture.git(absent, null, null, null, null, "key"), Reason.SourceInvalid);
        reopen(Set.of(), TIMEOUT, 10 << 20);
        refused(shop("key"), Reason.SourceNotAllowed);
    }

    @Test
    void boundsDownloads() throws Exception {
        // given
        GitServer.Repository large = repositories.create("large");
        byte[] noise = new byte[8 << 20];
        new Random(1).nextBytes(noise);
        for (int i = 0; i < 8; i++) {
            Files.write(large.work().resolve("noise" + i), java.util.Arrays.copyOfRange(noise, i << 20, (i + 1) << 20));
        }
        large.commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        references.secret("key", Map.of("identity", user.text(), "known_hosts", server.knownHosts()));
        reopen(Set.of("localhost"), TIMEOUT, 1 << 20);

        // then
        ProjectSource project = SourceFixture.git(server.url(large.directory()), null, null, null, null, "key");
        assertThat(refused(project, Reason.SourceInvalid).message()).contains("1048576 bytes");
        assertThat(SourceFiles.size(temp.resolve("data"))).isLessThan(9 << 20);
    }

    @Test
    void givesSlowAndEndlessServersUp() {
        // given
        references.secret("key", Map.of("identity", user.text(), "known_hosts", server.knownHosts()));
        reopen(Set.of("localhost"), Duration.ofSeconds(3), 10 << 20);

        // then: one that says nothing
        server.run("sleep 60");
        assertThat(refused(shop("key"), Reason.SourceUnavailable).message()).contains("did not finish within 3000 ms");

        // and: one that never stops saying something
        server.run("cat /dev/zero");
        reopen(Set.of("localhost"), TIMEOUT, 10 << 20);
        refused(shop("key"), Reason.SourceUnavailable);
        await().untilAsserted(() -> assertThat(server.sessions()).isZero());
    }
}
