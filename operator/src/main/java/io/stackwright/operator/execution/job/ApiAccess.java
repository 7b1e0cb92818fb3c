package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * How pods reach the API server.
 *
 * @param server its URL inside the cluster
 * @param authorities certificates that it is recognised by, PEM; empty for those of the system
 */
public record ApiAccess(String server, String authorities) {

    private static final String IN_CLUSTER = "https://kubernetes.default.svc";

    /** By the Service that every cluster has, with the authorities that this process trusts. */
    public static ApiAccess of(Config config) {
        try {
            if (config.getCaCertData() != null) {
                byte[] pem = Base64.getDecoder().decode(config.getCaCertData());
                return new ApiAccess(IN_CLUSTER, new String(pem, StandardCharsets.UTF_8));
            }
            String file = config.getCaCertFile();
            return new ApiAccess(IN_CLUSTER, file == null ? "" : Files.readString(Path.of(file)));
        } catch (IOException e) {
            throw new UncheckedIOException("the certificate authorities of the API server cannot be read", e);
        }
    }

    /** Content of an input Secret, with a token. */
    Map<String, String> with(String token) {
        Map<String, String> data = new TreeMap<>();
        data.put(RunObjects.TOKEN, encoded(token));
        data.put(RunObjects.SERVER, encoded(server));
        if (!authorities.isEmpty()) {
            data.put(RunObjects.CA, encoded(authorities));
        }
        return data;
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
