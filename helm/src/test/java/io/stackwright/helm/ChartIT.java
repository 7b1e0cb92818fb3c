package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real API server takes what the chart gives, and knows every field of it. */
class ChartIT {

    private static final ControlPlane PLANE = ControlPlane.shared();

    @TempDir
    private Path folder;

    static Stream<String> sets() {
        return Chart.sets();
    }

    @BeforeAll
    static void prepare() {
        for (String name : List.of(Chart.NAMESPACE, "team-a", "team-b")) {
            PLANE.client()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .endMetadata()
                            .build())
                    .createOr(NonDeletingOperation::update);
        }
        PLANE.applyCrds(Toolchain.root().resolve("helm/src/test/resources/crds"));
    }

    @ParameterizedTest
    @MethodSource("sets")
    void apiServerTakesAllOfItStrictly(String set) throws Exception {
        // given
        String rendered = Chart.render(set);

        // then
        assertThat(dryRun(rendered)).contains("statefulset.apps/");
        assertThatThrownBy(() -> dryRun(rendered.replace("podManagementPolicy:", "podManagmentPolicy:")))
                .hasMessageContaining("podManagmentPolicy");
    }

    @ParameterizedTest
    @MethodSource("sets")
    void podFitsTheRestrictedStandard(String set) {
        // given
        String namespace = PLANE.createNamespace("restricted");
        PLANE.client()
                .namespaces()
                .withName(namespace)
                .edit(found -> new NamespaceBuilder(found)
                        .editMetadata()
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build());

        // when
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName("operator")
                .withNamespace(namespace)
                .endMetadata()
                .withSpec(Chart.operator(Chart.render(set))
                        .getSpec()
                        .getTemplate()
                        .getSpec())
                .build();
        // There is no such class on this cluster.
        pod.getSpec().setPriorityClassName(null);

        // then
        assertThat(PLANE.client().resource(pod).dryRun().create()).isNotNull();
        pod.getSpec().getContainers().getFirst().getSecurityContext().setAllowPrivilegeEscalation(true);
        assertThatThrownBy(() -> PLANE.client().resource(pod).dryRun().create())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("restricted");
    }

    /** @throws IllegalStateException with what kubectl says */
    private String dryRun(String rendered) throws Exception {
        Path file = Files.writeString(folder.resolve("rendered.yaml"), rendered);
        Path output = folder.resolve("output");
        Process kubectl = new ProcessBuilder(
                        Toolchain.kubectl().toString(),
                        "--kubeconfig",
                        PLANE.kubeconfig().toString(),
                        "apply",
                        "--server-side",
                        "--dry-run=server",
                        "--validate=strict",
                        "--filename",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(kubectl.waitFor(2, TimeUnit.MINUTES)).isTrue();
        String said = Files.readString(output);
        if (kubectl.exitValue() != 0) {
            throw new IllegalStateException(said);
        }
        return said;
    }
}
