package io.stackwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ControlPlaneIT {

    @Test
    void keepsWhatIsCreatedAndHandsOutUniqueNamespaces() {
        // given
        ControlPlane controlPlane = ControlPlane.shared();
        String namespace = controlPlane.createNamespace("kit");
        ConfigMap created = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("c")
                .withNamespace(namespace)
                .endMetadata()
                .addToData("k", "v")
                .build();

        // when
        controlPlane.client().resource(created).create();

        // then
        assertThat(controlPlane
                        .client()
                        .configMaps()
                        .inNamespace(namespace)
                        .withName("c")
                        .get()
                        .getData())
                .containsEntry("k", "v");
        assertThat(controlPlane.createNamespace("kit")).isNotEqualTo(namespace);
        assertThat(ControlPlane.shared()).isSameAs(controlPlane);
    }

    @Test
    void twoStartAtOnceAndNothingIsLeftAfterwards() throws Exception {
        // given
        long before = servers();
        var starts = Stream.generate(() -> CompletableFuture.supplyAsync(ControlPlane::start))
                .limit(2)
                .toList();
        List<ControlPlane> both = starts.stream().map(CompletableFuture::join).toList();

        // when
        List<String> urls = both.stream().map(c -> c.config().getMasterUrl()).toList();
        long during = servers();
        both.forEach(ControlPlane::close);

        // then
        assertThat(urls).doesNotHaveDuplicates();
        assertThat(during).isEqualTo(before + 4);
        assertThat(servers()).isEqualTo(before);
        assertThat(both)
                .allSatisfy(c -> assertThat(Files.exists(c.kubeconfig())).isFalse());
    }

    @Test
    void kubectlOfTheToolchainReachesIt() throws Exception {
        // given
        var kubeconfig = ControlPlane.shared().kubeconfig().toString();

        // when
        Process kubectl = new ProcessBuilder(
                        Toolchain.kubectl().toString(), "--kubeconfig", kubeconfig, "auth", "whoami", "-o", "name")
                .redirectErrorStream(true)
                .start();

        // then
        assertThat(kubectl.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(kubectl.exitValue()).isZero();
    }

    private static long servers() {
        return ProcessHandle.current()
                .descendants()
                .map(p -> p.info().command().orElse(""))
                .filter(c -> c.endsWith("etcd") || c.endsWith("kube-apiserver"))
                .count();
    }
}
