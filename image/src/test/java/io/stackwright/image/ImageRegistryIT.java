package io.stackwright.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

    @Test
    void takesThePlatformThatIsAskedForOutOfABaseOfSeveral() throws Exception {
        try (Registry registry = Registry.start(folder)) {
            // given a base of two platforms, of which the registry has one
            String digest = build("scratch", registry.image("base:arm64"), "linux/arm64");
            registry.put("base", "1", "application/vnd.oci.image.index.v1+json", """
                {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
                  {"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 7,
                   "digest": "sha256:%s", "platform": {"os": "linux", "architecture": "amd64"}},
                  {"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": %d,
                   "digest": "%s", "platform": {"os": "linux", "architecture": "arm64"}}]}
                """.formatted(
                            "0".repeat(64), registry.manifest("base", digest).length, digest)
                    .getBytes(UTF_8));

            // when
            build(registry.image("base:1"), registry.image("stackwright:arm64"), "linux/arm64");

            // then
            ObjectMapper mapper = new ObjectMapper();
            JsonNode manifest = mapper.readTree(registry.manifest("stackwright", "arm64"));
            JsonNode config =
                    mapper.readTree(registry.blob(manifest.at("/config/digest").asText()));
            assertThat(config.path("architecture").asText()).isEqualTo("arm64");
            assertThat(manifest.path("layers"))
                    .as("those of the base, and ours")
                    .hasSize(8);
            assertThatThrownBy(
                            () -> build(registry.image("base:1"), registry.image("stackwright:amd64"), "linux/amd64"))
                    .hasMessageContaining("0000");
        }
    }

    private String build(String base, String to) {
        return build(base, to, "linux/amd64");
    }

    private String build(String base, String to, String platform) {
        return BuiltImage.build(folder, base, to, platform, BuiltImage.RUNTIME, BuiltImage.OPERATOR, BuiltImage.LIB);
    }
}
