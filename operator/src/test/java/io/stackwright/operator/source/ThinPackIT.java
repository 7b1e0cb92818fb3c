package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.testkit.GitServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads that lean on an earlier one, from a real Git server. */
class ThinPackIT {

    private static final int MAX_BYTES = 10 << 20;

    @TempDir
    Path temp;

    @Test
    void differencesToWhatIsHereAlreadyAreNeitherAskedForNorTaken() throws Exception {
        GitIsolation.install();
        try (GitServer server = GitServer.start();
                ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
            // given a large file, and a small change of it
            String noise = noise();
            GitServer.Repository repository = server.create("thin");
            ObjectId first = ObjectId.fromString(
                    repository.commit(Map.of("Pulumi.yaml", SourceFixture.PROJECT, "noise", noise)));
            ObjectId second = ObjectId.fromString(repository.commit(Map.of("noise", noise + "x")));
            byte[] thin = thinPack(repository.directory(), first, second);
            assertThat(thin.length).isLessThan(noise.length() / 10);
            GitUrl url = GitUrl.parse(server.url("thin"));
            GitCredentials credentials = GitCredentials.of(
                    url, "ca", Map.of("ca.crt", server.certificate().getBytes(StandardCharsets.UTF_8)));
            GitRemote remote = new GitRemote(
                    new AddressRules(Set.of(server.hostAndPort())),
                    Duration.ofSeconds(60),
                    MAX_BYTES,
                    timer,
                    (kind, succeeded, took) -> {});
            GitCache cache = new GitCache(temp.resolve("cache"), remote, MAX_BYTES, () -> {});
            cache.locate(url, credentials, first, "");

            // when
            server.send(thin);
            SourceException refused =
                    catchThrowableOfType(SourceException.class, () -> cache.locate(url, credentials, second, ""));

            // then
            assertThat(refused).isNotNull();
            assertThat(refused.reason()).isEqualTo(Reason.SourceInvalid);
            assertThat(refused).hasMessageContaining("differences to files that are not in the same download");

            // and: what a server of good will sends
            server.send(new byte[0]);
            assertThat(cache.locate(url, credentials, second, "").file().name()).isEqualTo("shop");
            assertThat(server.requests().stream()
                            .filter(request -> request.command().equals("fetch")))
                    .isNotEmpty()
                    .noneMatch(GitServer.Request::thin);
        }
    }

    private static String noise() {
        byte[] noise = new byte[200 << 10];
        new Random(1).nextBytes(noise);
        return Base64.getEncoder().encodeToString(noise);
    }

    private byte[] thinPack(Path repository, ObjectId has, ObjectId wants) throws Exception {
        Path revisions = Files.writeString(temp.resolve("revisions"), wants.name() + "\n^" + has.name() + "\n");
        Process git = new ProcessBuilder(List.of("git", "pack-objects", "-q", "--revs", "--thin", "--stdout"))
                .directory(repository.toFile())
                .redirectInput(revisions.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        byte[] pack = git.getInputStream().readAllBytes();
        assertThat(git.waitFor()).isZero();
        return pack;
    }
}
