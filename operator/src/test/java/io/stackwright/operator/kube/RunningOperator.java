package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.stackwright.testkit.ControlPlane;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;

/** JOSDK on a real API server, with the ConfigMaps of a namespace of its own as the resources it reconciles. */
final class RunningOperator implements AutoCloseable {

    final KubernetesClient client = ControlPlane.shared().client();
    final String namespace = ControlPlane.shared().createNamespace("guards");
    final Operator operator;

    RunningOperator(
            Reconciler<ConfigMap> reconciler,
            ExecutorService executor,
            Consumer<ControllerConfigurationOverrider<ConfigMap>> configuration) {
        operator = new Operator(overrider -> overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withExecutorService(executor));
        operator.register(reconciler, (ControllerConfigurationOverrider<ConfigMap> overrider) -> {
            ControllerDefaults.apply(overrider, "guards", Set.of(namespace));
            configuration.accept(overrider);
        });
        operator.start();
    }

    ConfigMap create(String name) {
        return client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    void annotate(String name, String key, String value) {
        client.configMaps()
                .inNamespace(namespace)
                .withName(name)
                .edit(object -> new ConfigMapBuilder(object)
                        .editMetadata()
                        .addToAnnotations(key, value)
                        .endMetadata()
                        .build());
    }

    @Override
    public void close() {
        operator.stop();
    }
}
