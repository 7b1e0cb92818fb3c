package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.stackwright.operator.kube.Leadership;
import io.stackwright.operator.kube.ReconcileGate;
import io.stackwright.operator.kube.ReconcileGuard;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How the framework is set up. */
class StackControllerTest {

    @Test
    void aStopWaitsForTheReconcilesThatAreUnderWay() {
        // given
        try (KubernetesClient client = new KubernetesClientBuilder().build()) {
            // when
            Operator operator = StackController.register(
                    new StackReconciler(
                            null, null, client, new SimpleInboundEventSource<>(), update -> {}, update -> {}, null),
                    client,
                    Set.of(),
                    new ReconcileGuard(
                            StackController.NAME, stack -> Map.of(), (controller, good) -> {}, new ReconcileGate()),
                    Leadership.alone());

            // then, which it would not by itself
            assertThat(operator.getConfigurationService().reconciliationTerminationTimeout())
                    .isPositive();
        }
    }
}
