package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class PrimaryFilterIT {

    private final List<Map<String, String>> seen = new CopyOnWriteArrayList<>();

    @Test
    void ourAnnotationsWakeTheReconcilerAndOthersDoNot() {
        BoundedVirtualExecutor executor = new BoundedVirtualExecutor("reconcile", 8);
        try (RunningOperator running = new RunningOperator(new Seeing(), executor, configuration -> {})) {
            // given
            running.create("shop");
            await().until(() -> seen.size() == 1);

            // when
            running.annotate("shop", "example.com/other", "1");
            running.annotate("shop", "stackwright.io/reconcile", "1");

            // then: one call, which sees both
            await().until(() -> seen.size() == 2);
            assertThat(seen.getLast()).isEqualTo(Map.of("example.com/other", "1", "stackwright.io/reconcile", "1"));

            // when
            running.annotate("shop", "example.com/other", "2");
            running.annotate("shop", "reconcile.fluxcd.io/requestedAt", "now");

            // then
            await().until(() -> seen.getLast().containsKey("reconcile.fluxcd.io/requestedAt"));
            assertThat(seen).hasSize(3);
        } finally {
            executor.shutdownNow();
        }
    }

    private final class Seeing implements Reconciler<ConfigMap> {

        @Override
        public UpdateControl<ConfigMap> reconcile(ConfigMap object, Context<ConfigMap> context) {
            Map<String, String> annotations = object.getMetadata().getAnnotations();
            seen.add(annotations == null ? Map.of() : Map.copyOf(annotations));
            return UpdateControl.noUpdate();
        }
    }
}
