package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Labels;
import java.net.HttpURLConnection;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

/**
 * What this installation of the operator is known by, kept in the Secret {@code stackwright-installation} of its
 * namespace.
 *
 * @param id random id that marks Pulumi stacks as this installation's
 * @param fingerprintKey key of all fingerprints; when it is lost, every Stack is verified by a preview
 */
public record Installation(String id, byte[] fingerprintKey) {

    static final String SECRET = "stackwright-installation";

    private static final String ID = "id";
    private static final String KEY = "fingerprint-key";
    private static final int KEY_BYTES = 32;
    private static final int ID_BYTES = 8;

    /** Reads the installation, or makes it at the first start. */
    public static Installation ensure(KubernetesClient client, String namespace) {
        Secret secret = client.secrets().inNamespace(namespace).withName(SECRET).get();
        if (secret == null) {
            secret = create(client, namespace);
        }
        Base64.Decoder decoder = Base64.getDecoder();
        Map<String, String> data = secret.getData();
        if (data == null || data.get(ID) == null || data.get(KEY) == null) {
            throw new IllegalStateException("Secret " + namespace + "/" + SECRET + " lacks " + ID + " or " + KEY
                    + "; restore it from a backup, or delete it to start a new installation");
        }
        return new Installation(new String(decoder.decode(data.get(ID))), decoder.decode(data.get(KEY)));
    }

    private static Secret create(KubernetesClient client, String namespace) {
        SecureRandom random = new SecureRandom();
        byte[] id = new byte[ID_BYTES];
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(id);
        random.nextBytes(key);
        Secret secret = new SecretBuilder()
                .withNewMetadata()
                .withName(SECRET)
                .withNamespace(namespace)
                .addToLabels(Labels.MANAGED_BY, Labels.MANAGER)
                .endMetadata()
                .withType("Opaque")
                .addToStringData(ID, HexFormat.of().formatHex(id))
                .addToData(KEY, Base64.getEncoder().encodeToString(key))
                .build();
        try {
            return client.resource(secret).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return client.secrets().inNamespace(namespace).withName(SECRET).get();
            }
            throw e;
        }
    }

    /** The key is secret. */
    @Override
    public String toString() {
        return "Installation[" + id + "]";
    }
}
