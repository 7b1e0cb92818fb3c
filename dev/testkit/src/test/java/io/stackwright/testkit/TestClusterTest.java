package io.stackwright.testkit;

import static io.stackwright.testkit.Cluster.Source.GIVEN;
import static io.stackwright.testkit.Cluster.Source.K3S;
import static io.stackwright.testkit.Cluster.Source.NODE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestClusterTest {

    @Test
    void theNodeThatAllTestsCanUseComesFirstWhereNoneMayBeSkipped() {
        assertThat(TestCluster.sources(Optional.empty(), false)).containsExactly(GIVEN, K3S, NODE);
        assertThat(TestCluster.sources(Optional.empty(), true)).containsExactly(GIVEN, NODE, K3S);
    }

    @Test
    void aNodeIsStartedBesideAnotherClusterWhereNoTestMayBeSkipped() {
        assertThat(TestCluster.needsNodeBeside(false, Optional.empty(), true)).isTrue();
        assertThat(TestCluster.needsNodeBeside(true, Optional.empty(), true)).isFalse();
        assertThat(TestCluster.needsNodeBeside(false, Optional.empty(), false)).isFalse();
        assertThat(TestCluster.needsNodeBeside(false, Optional.of("given"), true))
                .as("that one and no other")
                .isFalse();
    }

    @Test
    void theOneThatIsAskedForIsTheOnlyOne() {
        assertThat(TestCluster.sources(Optional.of("k3s"), true)).containsExactly(K3S);
        assertThat(TestCluster.sources(Optional.of("nope"), false)).isEmpty();
    }
}
