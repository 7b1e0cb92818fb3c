package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.marcnuri.helm.Release;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.TestCluster;
import io.stackwright.testkit.TestImages;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged chart with the built image, on a real cluster, from installation as README says it to its end. */
@Tag("cluster")
@Timeout(900)
class HelmClusterIT {

    @TempDir
    private Path folder;

    private ChartRelease release;
    private Scenario scenario;

    @BeforeEach
    void prepare() {
        TestCluster cluster = TestCluster.shared();
        release = new ChartRelease(cluster);
        scenario = new Scenario(cluster.client(), release.namespace(), folder);
    }

    @Test
    void liveOfAnEmbeddedOperator() {
        // given
        ReadmeInstall readme = ReadmeInstall.read();

        // when
        Release installed = release.install(TestImages.operator(), values -> {
            readme.valuesBesidesTheImage().forEach(values::set);
            return values;
        });

        // then
        assertThat(installed.getStatus()).isEqualTo("deployed");
        assertThat(installed.getOutput()).contains("kubectl --namespace " + release.namespace() + " apply");

        // when
        String said = release.shell(readme.script(release.namespace()));

        // then
        assertThat(said).endsWith("{\"greeting\":\"Hello from Stackwright\"}");
        assertUsersHaveWhatTheirRolesGive();
        String before = operator();

        // when
        Release upgraded = release.upgrade(
                values -> values.set("shutdownGraceSeconds", 30).set("podAnnotations.example\\.com/round", "second"));
        scenario.patch("hello", "{\"spec\": {\"config\": {\"name\": \"another pod\"}}}");

        // then
        assertThat(upgraded.getRevision()).isEqualTo("2");
        scenario.awaitReady("hello");
        assertThat(operator()).isNotEqualTo(before);
        assertThat(scenario.output("hello", "greeting").asText()).isEqualTo("Hello from another pod");
        assertThat(scenario.updates("hello")
                        .getLast()
                        .getStatus()
                        .run()
                        .changes()
                        .create())
                .isZero();

        // when
        scenario.delete("hello");
        scenario.awaitGone("hello");
        release.uninstall();

        // then
        release.awaitGoneBut("persistentvolumeclaim/stackwright", "secret/stackwright-installation");
    }

    /** Kubernetes' own roles have the chart's aggregated to them. */
    private void assertUsersHaveWhatTheirRolesGive() {
        release.shell("""
            kubectl create rolebinding reader --clusterrole=view --user=reader --namespace %1$s
            kubectl create rolebinding writer --clusterrole=edit --user=writer --namespace %1$s
            """.formatted(release.namespace()));
        await().atMost(Scenario.PATIENCE).until(() -> may("writer", "create", "stacks"));
        for (String kind : List.of("stacks", "updates")) {
            assertThat(may("reader", "watch", kind)).isTrue();
            assertThat(may("reader", "create", kind)).isFalse();
            assertThat(may("writer", "delete", kind)).isTrue();
            assertThat(may("stranger", "get", kind)).isFalse();
        }
        release.shell("kubectl delete rolebinding reader writer --namespace " + release.namespace());
    }

    private boolean may(String user, String verb, String kind) {
        return release.shell("kubectl auth can-i %s %s.stackwright.io --as=%s --namespace %s || true"
                        .formatted(verb, kind, user, release.namespace()))
                .strip()
                .endsWith("yes");
    }

    /** Which pod it is. */
    private String operator() {
        return release.operators().getFirst().getMetadata().getUid();
    }
}
