package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.testkit.GitServer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much disk the repositories of all Stacks take together; with a real Git server. */
class CacheRoomIT {

    private static final int LARGEST = 64 << 10;

    /** Half as many again as there is room for. */
    private static final int REPOSITORIES = 32;

    @TempDir
    Path temp;

    /** One tenant may follow any number of repositories; the disk is everybody's. */
    @Test
    void whatWasUsedTheLongestAgoIsDeletedAndComesBackWhenItIsNeeded() throws Exception {
        SourceFixture references = new SourceFixture();
        Path data = temp.resolve("data");
        try (GitServer server = GitServer.start();
                ProjectSources sources = new ProjectSources(
                        SourceFixture.settings(data, Set.of(server.hostAndPort()), Duration.ofSeconds(20), LARGEST),
                        references,
                        Clock.systemUTC(),
                        stack -> {},
                        (kind, succeeded, took) -> {})) {
            // given
            references.secret("ca", Map.of("ca.crt", server.certificate()));
            List<ProjectSource> projects = repositories(server);

            // when
            List<Revision> revisions = new ArrayList<>();
            for (int i = 0; i < projects.size(); i++) {
                revisions.add(revision(sources, new StackKey("team-a", "s" + i), projects.get(i)));
            }

            // then
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() ->
                            assertThat(SourceFiles.size(data.resolve("git"))).isLessThan(17L * LARGEST));

            // when
            Path fetched = sources.fetch(
                    new StackKey("team-a", "s0"), projects.getFirst(), revisions.getFirst(), temp.resolve("again"));

            // then
            assertThat(fetched.resolve("noise")).exists();
        }
    }

    /** Each with what cannot be compressed. */
    private static List<ProjectSource> repositories(GitServer server) {
        Random random = new Random(1);
        List<ProjectSource> projects = new ArrayList<>();
        for (int i = 0; i < REPOSITORIES; i++) {
            byte[] noise = new byte[40 << 10];
            random.nextBytes(noise);
            server.create("r" + i)
                    .commit(Map.of(
                            "Pulumi.yaml",
                            SourceFixture.PROJECT,
                            "noise",
                            Base64.getEncoder().encodeToString(noise)));
            projects.add(SourceFixture.git(server.url("r" + i), null, null, null, null, "ca"));
        }
        return projects;
    }

    private static Revision revision(ProjectSources sources, StackKey stack, ProjectSource project) {
        SourceState state = await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> sources.resolve(stack, project, Optional.empty()),
                        answer -> answer instanceof SourceState.Resolved);
        return ((SourceState.Resolved) state).revision();
    }
}
