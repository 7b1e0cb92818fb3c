package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.ExecutionSpec;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.testkit.ControlPlane;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever template is taken: Kubernetes itself admits the pod to a namespace of the restricted standard. */
class PodSecurityIT {

    private static final ControlPlane PLANE = ControlPlane.shared();
    private static final OperatorSettings.Jobs SETTINGS =
            new OperatorSettings.Jobs("stackwright:1", "pulumi:1", Duration.ofHours(1));

    private static String namespace;

    @BeforeAll
    static void restrict() {
        namespace = PLANE.createNamespace("restricted-jobs");
        PLANE.client()
                .namespaces()
                .withName(namespace)
                .edit(found -> new NamespaceBuilder(found)
                        .editMetadata()
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build());
        PLANE.client()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("default")
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    static List<String> templates() {
        return PodTemplateRulesTest.accepted();
    }

    @ParameterizedTest
    @MethodSource("templates")
    void whatIsTakenIsRestricted(String template) {
        assertThat(PLANE.client().resource(pod(template)).dryRun().create()).isNotNull();
    }

    @Test
    void whatIsRefusedHereIsNot() {
        assertThatThrownBy(() -> PLANE.client()
                        .resource(pod(
                                "spec: {containers: [{name: pulumi, securityContext: {capabilities: {drop: []}}}]}"))
                        .dryRun()
                        .create())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("restricted");
    }

    private static Pod pod(String yaml) {
        PodTemplateSpec template = JobObjects.template(
                Runs.request(
                        Runs.request(Runs.inputs()).run(),
                        Optional.of(new ExecutionSpec("default", "pulumi:1", PodTemplateRulesTest.read(yaml), null))),
                SETTINGS);
        Pod pod = new PodBuilder()
                .withMetadata(template.getMetadata())
                .editMetadata()
                .withName("run")
                .withNamespace(namespace)
                .endMetadata()
                .withSpec(template.getSpec())
                .build();
        // There are no such classes on this cluster.
        pod.getSpec().setPriorityClassName(null);
        pod.getSpec().setRuntimeClassName(null);
        return pod;
    }
}
