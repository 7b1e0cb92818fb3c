package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.testkit.GitServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Git over https: whom is trusted with what, and what is made of the answers of a real server. */
class GitOverHttpsIT {

    private static GitServer server;

    @TempDir
    Path temp;

    private final SourceFixture references = new SourceFixture();
    private final List<StackKey> woken = new CopyOnWriteArrayList<>();
    private final List<String> fetches = new CopyOnWriteArrayList<>();
    private ProjectSources sources;

    @BeforeAll
    static void startServer() {
        server = GitServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void openSources() {
        references.secret("ca", Map.of("ca.crt", server.certificate()));
        sources = new ProjectSources(
                SourceFixture.settings(
                        temp.resolve("data"), Set.of(server.hostAndPort()), Duration.ofSeconds(20), 10 << 20),
                references,
                Clock.systemUTC(),
                woken::add,
                (kind, succeeded, took) -> fetches.add(kind + " " + succeeded));
    }

    @AfterEach
    void closeSources() {
        sources.close();
        server.answer(GitServer.Answer.NORMAL);
    }

    private SourceState settled(StackKey stack, ProjectSource project) {
        return await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> sources.resolve(stack, project, Optional.empty()),
                        state -> !(state instanceof SourceState.Pending));
    }

    private SourceState.Resolved resolved(StackKey stack, ProjectSource project) {
        SourceState state = settled(stack, project);
        assertThat(state).isInstanceOf(SourceState.Resolved.class);
        return (SourceState.Resolved) state;
    }

    private SourceState.Unresolved unresolved(ProjectSource project, Reason reason) {
        SourceState state = settled(SourceFixture.STACK, project);
        assertThat(state).isInstanceOf(SourceState.Unresolved.class);
        SourceState.Unresolved refused = (SourceState.Unresolved) state;
        assertThat(refused.reason()).as(refused.message()).isEqualTo(reason);
        return refused;
    }

    private Path fetch(ProjectSource project, SourceState.Resolved state, String target) throws SourceException {
        return sources.fetch(SourceFixture.STACK, project, state.revision(), temp.resolve(target));
    }

    @Test
    void authenticatesWithPasswordOrToken() {
        // given
        try (GitServer guarded = GitServer.start()) {
            guarded.create("private").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
            guarded.requireBasicAuth("git", "s3cret");
            reopen(Set.of(guarded.hostAndPort()), Duration.ofSeconds(20), 10 << 20);
            references.secret(
                    "password", Map.of("username", "git", "password", "s3cret", "ca.crt", guarded.certificate()));
            references.secret("token", Map.of("token", "s3cret\n", "ca.crt", guarded.certificate()));
            references.secret("wrong", Map.of("token", "CANARY", "ca.crt", guarded.certificate()));
            references.secret("ca", Map.of("ca.crt", guarded.certificate()));
            String url = guarded.url("private");

            // then
            resolved(new StackKey("x", "1"), SourceFixture.git(url, null, null, null, null, "password"));
            resolved(new StackKey("x", "2"), SourceFixture.git(url, null, null, null, null, "token"));
            assertThat(unresolved(
                                    SourceFixture.git(url, null, null, null, null, "wrong"),
                                    Reason.SourceAuthenticationFailed)
                            .message())
                    .contains("Secret wrong", "401")
                    .doesNotContain("CANARY");
            assertThat(unresolved(
                                    SourceFixture.git(url, null, null, null, null, "ca"),
                                    Reason.SourceAuthenticationFailed)
                            .message())
                    .contains("Secret ca");
        }
    }

    @Test
    void trustsTheAuthoritiesOfTheSecretOnly() {
        // given
        server.create("tls").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        references.secret("garbage", Map.of("ca.crt", "CANARY"));

        // then
        assertThat(unresolved(
                                SourceFixture.git(server.url("tls"), null, null, null, null, null),
                                Reason.SourceAuthenticationFailed)
                        .message())
                .contains("certificate is not trusted", "ca.crt");
        assertThat(unresolved(
                                SourceFixture.git(server.url("tls"), null, null, null, null, "garbage"),
                                Reason.SourceAuthenticationFailed)
                        .message())
                .contains("ca.crt in Secret garbage cannot be read")
                .doesNotContain("CANARY");
    }

    @Test
    void verifiesTheHostName() {
        // given: the server by its address; only its name is in the certificate
        String url = "https://127.0.0.1:" + server.port() + "/tls.git";
        reopen(Set.of("127.0.0.1"), Duration.ofSeconds(5), 10 << 20);

        // then
        assertThat(unresolved(SourceFixture.git(url, null, null, null, null, "ca"), Reason.SourceAuthenticationFailed)
                        .message())
                .contains("not made for 127.0.0.1");
    }

    private SourceState.Unresolved unresolvedAny(ProjectSource project) {
        return (SourceState.Unresolved) settled(SourceFixture.STACK, project);
    }

    @Test
    void doesNotConnectToLoopback() {
        // given
        server.create("local").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        reopen(Set.of(), Duration.ofSeconds(5), 10 << 20);
        server.forgetRequests();

        // then
        for (String host : List.of("localhost", "127.0.0.1", "[::1]", "2130706433")) {
            String url = "https://" + host + ":" + server.port() + "/local.git";
            SourceState.Unresolved state = unresolvedAny(SourceFixture.git(url, null, null, null, null, "ca"));
            assertThat(state.reason()).as(host).isIn(Reason.SourceNotAllowed, Reason.SourceUnavailable);
        }
        assertThat(unresolvedAny(SourceFixture.git(server.url("local"), null, null, null, null, "ca"))
                        .reason())
                .isEqualTo(Reason.SourceNotAllowed);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void followsRedirectsWithoutTheCredentials() {
        // given
        try (GitServer other = GitServer.start()) {
            other.create("moved").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
            references.secret("both", Map.of("token", "CANARY", "ca.crt", server.certificate() + other.certificate()));
            ProjectSource project = SourceFixture.git(server.url("moved"), null, null, null, null, "both");

            // when: the other host is not allowed
            server.redirectTo("https://" + other.hostAndPort());
            assertThat(unresolved(project, Reason.SourceNotAllowed).message()).contains("loopback");
            assertThat(other.requests()).isEmpty();

            // when: it is
            reopen(Set.of(server.hostAndPort(), other.hostAndPort()), Duration.ofSeconds(20), 10 << 20);
            resolved(SourceFixture.STACK, project);

            // then
            assertThat(other.requests())
                    .isNotEmpty()
                    .allMatch(request -> request.authorization().isEmpty());
        }
    }

    @Test
    void refusesRedirectsToWhatIsNotAllowed() {
        for (String target :
                List.of("http://localhost:" + server.port(), "https://169.254.169.254", "ssh://localhost", "file://")) {
            // given
            server.redirectTo(target);
            reopen(Set.of(server.hostAndPort()), Duration.ofSeconds(5), 10 << 20);

            // then
            Reason reason = unresolvedAny(SourceFixture.git(server.url("x"), null, null, null, null, "ca"))
                    .reason();
            assertThat(reason).as(target).isEqualTo(Reason.SourceNotAllowed);
        }
    }

    @Test
    void classifiesAnswers() {
        Map<GitServer.Answer, Reason> expected = Map.of(
                GitServer.Answer.UNAUTHORIZED, Reason.SourceAuthenticationFailed,
                GitServer.Answer.FORBIDDEN, Reason.SourceAuthenticationFailed,
                GitServer.Answer.NOT_FOUND, Reason.SourceInvalid,
                GitServer.Answer.HTML, Reason.SourceInvalid,
                GitServer.Answer.TOO_MANY_REQUESTS, Reason.SourceUnavailable,
                GitServer.Answer.ERROR, Reason.SourceUnavailable);
        expected.forEach((answer, reason) -> {
            server.answer(answer);
            reopen(Set.of(server.hostAndPort()), Duration.ofSeconds(20), 10 << 20);
            assertThat(unresolvedAny(SourceFixture.git(server.url("any"), null, null, null, null, "ca"))
                            .reason())
                    .as(answer.name())
                    .isEqualTo(reason);
        });
    }

    @Test
    void givesSlowServersUp() {
        // given
        server.answer(GitServer.Answer.ONE_BYTE_A_SECOND);
        reopen(Set.of(server.hostAndPort()), Duration.ofSeconds(2), 10 << 20);
        long start = System.nanoTime();

        // then: reads never time out, a byte always comes
        assertThat(unresolved(
                                SourceFixture.git(server.url("slow"), null, null, null, null, "ca"),
                                Reason.SourceUnavailable)
                        .message())
                .contains("did not finish within 2000 ms");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void saysWhenNobodyListens() {
        ProjectSource project = SourceFixture.git("https://localhost:1/x.git", null, null, null, null, "ca");
        reopen(Set.of("localhost"), Duration.ofSeconds(5), 10 << 20);
        assertThat(unresolved(project, Reason.SourceUnavailable).message()).contains("connection is refused");
        assertThat(fetches).isNotEmpty().containsOnly("Git false");
    }

    @Test
    void boundsDownloads() throws Exception {
        // given: one repository that is large on the wire, one that is large only when unpacked
        byte[] noise = new byte[3 << 20];
        new Random(1).nextBytes(noise);
        GitServer.Repository large = server.create("large");
        Files.write(large.work().resolve("noise"), noise);
        large.commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        GitServer.Repository bomb = server.create("bomb");
        Files.write(bomb.work().resolve("zeros"), new byte[30 << 20]);
        bomb.commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
        reopen(Set.of(server.hostAndPort()), Duration.ofSeconds(20), 1 << 20);

        // then
        assertThat(unresolved(
                                SourceFixture.git(server.url("large"), null, null, null, null, "ca"),
                                Reason.SourceInvalid)
                        .message())
                .contains("1048576 bytes");
        assertThat(unresolved(SourceFixture.git(server.url("bomb"), null, null, null, null, "ca"), Reason.SourceInvalid)
                        .message())
                .contains("1048576 bytes");
        assertThat(SourceFiles.size(temp.resolve("data"))).isLessThan(2 << 20);
    }

    @Test
    void credentialsAppearNowhere() throws Exception {
        // given
        String canary = "CANARY" + System.nanoTime();
        String encoded = Base64.getEncoder().encodeToString(("git:" + canary).getBytes(StandardCharsets.UTF_8));
        try (GitServer guarded = GitServer.start();
                LogCapture logs = LogCapture.everything()) {
            guarded.create("private").commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT));
            guarded.requireBasicAuth("git", canary);
            references.secret("token", Map.of("token", canary, "ca.crt", guarded.certificate()));
            reopen(Set.of(guarded.hostAndPort()), Duration.ofSeconds(20), 10 << 20);
            ProjectSource project = SourceFixture.git(guarded.url("private"), null, null, null, null, "token");
            SourceState.Resolved state = resolved(SourceFixture.STACK, project);
            fetch(project, state, "w");
            guarded.answer(GitServer.Answer.UNAUTHORIZED);
            SourceFiles.delete(temp.resolve("data/git"));
            SourceException e = catchThrowableOfType(SourceException.class, () -> fetch(project, state, "w2"));
            guarded.answer(GitServer.Answer.ERROR);
            SourceException error = catchThrowableOfType(SourceException.class, () -> fetch(project, state, "w3"));

            // then
            assertThat(guarded.requests())
                    .anyMatch(request -> request.authorization().contains(encoded));
            assertThat(logs.text()).isNotEmpty().doesNotContain(canary, encoded);
            assertThat(trace(e) + trace(error) + state).doesNotContain(canary, encoded);
            try (Stream<Path> files = Files.walk(temp)) {
                for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                            .doesNotContain(canary, encoded);
                }
            }
        }
    }

    private static String trace(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private void reopen(Set<String> allowedHosts, Duration timeout, long maxBytes) {
        sources.close();
        sources = new ProjectSources(
                SourceFixture.settings(temp.resolve("data"), allowedHosts, timeout, maxBytes),
                references,
                Clock.systemUTC(),
                woken::add,
                (kind, succeeded, took) -> fetches.add(kind + " " + succeeded));
    }
}
