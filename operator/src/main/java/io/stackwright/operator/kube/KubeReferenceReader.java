package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.Labels;
import io.stackwright.operator.inputs.ReferenceReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Asks the API server, not a cache: nobody keeps the content of Secrets in memory for longer than it is needed. What a
 * run is given, its token too, is nobody else's input: there is no such Secret.
 *
 * <p>Throws {@link io.fabric8.kubernetes.client.KubernetesClientException} when the API server cannot be reached or
 * refuses; its message holds no content.
 */
public final class KubeReferenceReader implements ReferenceReader {

    private final KubernetesClient client;

    /** @param client not closed by this reader */
    public KubeReferenceReader(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Optional<Map<String, byte[]>> secret(String namespace, String name) {
        Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
        return Optional.ofNullable(secret)
                .filter(found -> found.getMetadata().getLabels() == null
                        || !found.getMetadata().getLabels().containsKey(Labels.UPDATE_UID))
                .map(found -> decoded(found.getData()));
    }

    @Override
    public Optional<Map<String, byte[]>> configMap(String namespace, String name) {
        ConfigMap configMap =
                client.configMaps().inNamespace(namespace).withName(name).get();
        return Optional.ofNullable(configMap).map(KubeReferenceReader::values);
    }

    private static Map<String, byte[]> values(ConfigMap configMap) {
        Map<String, byte[]> values = decoded(configMap.getBinaryData());
        if (configMap.getData() != null) {
            configMap.getData().forEach((key, text) -> values.put(key, text.getBytes(StandardCharsets.UTF_8)));
        }
        return values;
    }

    private static Map<String, byte[]> decoded(Map<String, String> base64) {
        Map<String, byte[]> values = new LinkedHashMap<>();
        if (base64 != null) {
            // A key without a value arrives as null.
            base64.forEach((key, text) -> values.put(
                    key, text == null ? new byte[0] : Base64.getDecoder().decode(text)));
        }
        return values;
    }
}
