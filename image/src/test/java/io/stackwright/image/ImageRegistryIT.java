package io.stackwright.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageRegistryIT {

    @TempDir
    private Path folder;

    @Test
    void pullsItsBaseFromARegistryAndIsPushedToOne() throws Exception {
        try (Registry registry = Registry.start(folder)) {
            // given: an image that can be a base
            String base = registry.image("base:1");
            String baseDigest = build("scratch", base);

            // when
            String digest = build(base + "@" + baseDigest, registry.image("stackwright:1.2.3"));

            // then
            byte[] pushed = registry.manifest("stackwright", "1.2.3");
            assertThat(pushed)
                    .isEqualTo(registry.manifest("stackwright", digest))
                    .isNotNull();
            JsonNode manifest = new ObjectMapper().readTree(pushed);
            assertThat(manifest.get("mediaType").asText()).isEqualTo("application/vnd.oci.image.manifest.v1+json");
            assertThat(manifest.get("layers"))
                    .hasSize(8)
                    .allSatisfy(layer -> assertThat(
                                    registry.hasBlob(layer.get("digest").asText()))
                            .isTrue());
            assertThat(registry.hasBlob(manifest.at("/config/digest").asText())).isTrue();
        }
    }

    private String build(String base, String to) {
        return BuiltImage.build(folder, base, to, BuiltImage.RUNTIME, BuiltImage.OPERATOR, BuiltImage.LIB);
    }
}
