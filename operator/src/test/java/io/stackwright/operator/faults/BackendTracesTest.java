package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendTracesTest {

    private static final List<String> OF_PROD = List.of(
            "backups/shop/prod/prod.1795470630632615408.json",
            "history/shop/prod/prod-1795470630632032599.history.json",
            "locks/organization/shop/prod/7f1c.json",
            "stacks/shop/prod.json",
            "stacks/shop/prod.json.18eca03049131c60.tmp",
            "stacks/shop/prod.json.attrs",
            "stacks/shop/prod.json.bak",
            "stacks/shop/prod.json.bak.attrs",
            "stacks/shop/prod.pulumi-tags",
            "stacks/shop/prod.pulumi-tags.attrs");

    @TempDir
    private Path backend;

    @Test
    void everyFileIsAboutOneStackOrTheWholeBackend() throws IOException {
        // given
        for (String file : OF_PROD) {
            write(file);
            write(file.replace("prod", "prod-2"));
        }
        write("meta.yaml");
        write("meta.yaml.attrs");

        // when, then
        assertThat(BackendTraces.of(backend, "prod"::equals))
                .containsExactlyElementsOf(
                        OF_PROD.stream().map(backend::resolve).toList());
        assertThat(BackendTraces.of(backend, name -> true)).hasSize(2 * OF_PROD.size());
        assertThat(BackendTraces.of(backend, "shop"::equals)).isEmpty();
    }

    @Test
    void aBackendThatWasNeverUsedHasNone() throws IOException {
        assertThat(BackendTraces.of(backend.resolve("none"), name -> true)).isEmpty();
    }

    private void write(String file) throws IOException {
        Files.createDirectories(backend.resolve(file).getParent());
        Files.writeString(backend.resolve(file), "{}");
    }
}
