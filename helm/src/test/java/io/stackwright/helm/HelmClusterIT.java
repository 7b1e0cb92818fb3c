package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Release;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.TestCluster;
import io.stackwright.testkit.TestImages;
import java.nio.file.Path;
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

    /** Which pod it is. */
    private String operator() {
        return release.operators().getFirst().getMetadata().getUid();
    }
}
