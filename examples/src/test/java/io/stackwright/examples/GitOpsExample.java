package io.stackwright.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.GitOpsTools;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The example for GitOps tools: its Stacks are applied; what is for the tools is checked against their own schemas. */
final class GitOpsExample {

    private static final Path FOLDER = Toolchain.root().resolve("examples/gitops");

    private final Kubectl kubectl;

    GitOpsExample(Kubectl kubectl) {
        this.kubectl = kubectl;
    }

    void check() throws IOException {
        // when
        kubectl.run("apply", "-k", "examples/gitops/stacks");
        kubectl.await("Ready", "stack/network", "stack/shop");

        // then
        assertThat(kubectl.get("stack/network", ".status.outputs.range")).isEqualTo("10.1.0.0/16");
        kubectl.run("delete", "-k", "examples/gitops/stacks");

        // when the API server knows the tools' own kinds
        ControlPlane plane = ControlPlane.shared();
        plane.applyCrds(GitOpsTools.crds());

        // then it accepts what is for them
        for (String tool : List.of("argocd", "flux")) {
            String namespace = plane.createNamespace(tool);
            Kubectl there = new Kubectl(FOLDER, namespace);
            for (Path manifest : manifests(tool)) {
                Path moved = Files.createTempFile(manifest.getFileName().toString(), ".yaml");
                Files.writeString(
                        moved,
                        Files.readString(manifest)
                                .replaceFirst("\\n  namespace: .*\\n", "\n  namespace: " + namespace + "\n"));
                assertThat(there.run("create", "--dry-run=server", "--validate=strict", "-f", moved.toString()))
                        .contains("created (server dry run)");
                Files.delete(moved);
            }
        }
    }

    private static List<Path> manifests(String tool) throws IOException {
        try (Stream<Path> files = Files.list(FOLDER.resolve(tool))) {
            return files.sorted().toList();
        }
    }
}
