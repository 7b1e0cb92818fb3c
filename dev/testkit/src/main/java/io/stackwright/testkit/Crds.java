package io.stackwright.testkit;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Applies every CustomResourceDefinition of a folder's YAML files and waits until they are served. */
record Crds(KubernetesClient client) {

    private static final int ESTABLISHED_SECONDS = 30;

    void apply(Path crds) {
        try (Stream<Path> files = Files.list(crds)) {
            List<Path> yaml =
                    files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList();
            if (yaml.isEmpty()) {
                throw new IllegalArgumentException("No YAML file in " + crds.toAbsolutePath());
            }
            yaml.forEach(this::applyCrd);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void applyCrd(Path file) {
        try (InputStream stream = Files.newInputStream(file)) {
            for (HasMetadata item : client.load(stream).items()) {
                var crd = client.resource((CustomResourceDefinition) item);
                crd.forceConflicts().serverSideApply();
                crd.waitUntilCondition(Crds::isEstablished, ESTABLISHED_SECONDS, TimeUnit.SECONDS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isEstablished(CustomResourceDefinition crd) {
        return crd != null
                && crd.getStatus() != null
                // The first status that the server writes has the names only.
                && crd.getStatus().getConditions() != null
                && crd.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Established")
                                && c.getStatus().equals("True"));
    }
}
