package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.stackwright.testkit.ControlPlane;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OperatorHealthIT {

    @Test
    void readinessFollowsTheOperator() {
        // given
        Operator operator = new Operator(
                x -> x.withKubernetesClient(ControlPlane.shared().client()).withCloseClientOnStop(false));
        OperatorHealth health = OperatorHealth.of(operator, Optional::empty);
        String namespace = ControlPlane.shared().createNamespace("health");
        operator.register(new Nothing(), x -> x.settingNamespace(namespace).withName("stack"));

        // then
        assertThat(health.readiness()).hasValue("not started");
        assertThat(health.liveness()).isEmpty();

        // when
        operator.start();

        // then
        assertThat(health.readiness()).isEmpty();
        assertThat(health.liveness()).isEmpty();

        // when
        operator.stop();

        // then
        assertThat(health.readiness()).isPresent();
    }

    private static final class Nothing implements Reconciler<ConfigMap> {

        @Override
        public UpdateControl<ConfigMap> reconcile(ConfigMap object, Context<ConfigMap> context) {
            return UpdateControl.noUpdate();
        }
    }
}
