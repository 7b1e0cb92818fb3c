package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.testkit.ControlPlane;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class KubeReferenceReaderIT {

    private final KubernetesClient client = ControlPlane.shared().client();
    private final String namespace = ControlPlane.shared().createNamespace("references");
    private final KubeReferenceReader reader = new KubeReferenceReader(client);

    @Test
    void aSecretIsReadDecoded() {
        // given
        byte[] binary = {0, (byte) 0xFF, 10};
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("db")
                        .endMetadata()
                        .addToStringData("password", "pässword")
                        .addToData("binary", Base64.getEncoder().encodeToString(binary))
                        .addToData("empty", "")
                        .build())
                .create();

        // when
        var values = reader.secret(namespace, "db").orElseThrow();

        // then
        assertThat(values).containsOnlyKeys("password", "binary", "empty");
        assertThat(values.get("password")).isEqualTo("pässword".getBytes(StandardCharsets.UTF_8));
        assertThat(values.get("binary")).isEqualTo(binary);
        assertThat(values.get("empty")).isEmpty();
    }

    @Test
    void whatBelongsToARunIsNotThere() {
        // given
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("shop-1-run-input")
                        .addToLabels("stackwright.io/update-uid", "1")
                        .endMetadata()
                        .addToStringData("token", "t")
                        .build())
                .create();

        // then
        assertThat(reader.secret(namespace, "shop-1-run-input")).isEmpty();
    }

    @Test
    void aConfigMapIsReadWithItsBinaryData() {
        // given
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("env")
                        .endMetadata()
                        .addToData("tier", "gold")
                        .addToBinaryData("binary", "AP8K")
                        .build())
                .create();

        // when
        var values = reader.configMap(namespace, "env").orElseThrow();

        // then
        assertThat(values).containsOnlyKeys("tier", "binary");
        assertThat(values.get("tier")).asString().isEqualTo("gold");
        assertThat(values.get("binary")).containsExactly(0, 0xFF, 10);
    }

    @Test
    void whatIsEmptyIsThereAndWhatIsMissingIsNot() {
        // given
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("nothing")
                        .endMetadata()
                        .build())
                .create();

        // then
        assertThat(reader.secret(namespace, "nothing"))
                .hasValueSatisfying(values -> assertThat(values).isEmpty());
        assertThat(reader.secret(namespace, "missing")).isEmpty();
        assertThat(reader.configMap(namespace, "missing")).isEmpty();
        assertThat(reader.secret("no-such-namespace", "nothing")).isEmpty();
    }
}
