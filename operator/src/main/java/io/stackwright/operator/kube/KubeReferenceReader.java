package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Labels;
import io.stackwright.operator.inputs.ReadRefusedException;
import io.stackwright.operator.inputs.ReferenceReader;
import io.stackwright.operator.inputs.References.Kind;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Asks the API server, not a cache: nobody keeps the content of Secrets in memory for longer than it is needed. What a
 * run is given, its token too, is nobody else's input: there is no such Secret.
 *
 * <p>Throws {@link KubernetesClientException} when the API server cannot be reached; its message holds no content, nor does
 * what the API server says of a refusal.
 */
public final class KubeReferenceReader implements ReferenceReader {

    private static final int MAX_WHY = 300;

    private final KubernetesClient client;

    /** @param client not closed by this reader */
    public KubeReferenceReader(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Optional<Map<String, byte[]>> secret(String namespace, String name) {
        Secret secret = read(
                Kind.SECRET,
                name,
                () -> client.secrets().inNamespace(namespace).withName(name).get());
        return Optional.ofNullable(secret)
                .filter(found -> found.getMetadata().getLabels() == null
                        || !found.getMetadata().getLabels().containsKey(Labels.UPDATE_UID))
                .map(found -> decoded(found.getData()));
    }

    @Override
    public Optional<Map<String, byte[]>> configMap(String namespace, String name) {
        ConfigMap configMap = read(
                Kind.CONFIG_MAP,
                name,
                () -> client.configMaps().inNamespace(namespace).withName(name).get());
        return Optional.ofNullable(configMap).map(KubeReferenceReader::values);
    }

    private static <T> T read(Kind kind, String name, Supplier<T> read) {
        try {
            return read.get();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
                throw e;
            }
            String why =
                    e.getStatus() == null ? "" : String.valueOf(e.getStatus().getMessage());
            throw new ReadRefusedException(
                    "the API server does not let the operator read " + kind + " `" + name + "`: "
                            + why.substring(0, Math.min(why.length(), MAX_WHY))
                            + "; see the permissions of the operator's ServiceAccount. It is tried again",
                    e);
        }
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
