package io.stackwright.operator.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * The ServiceAccount that this process works as.
 *
 * @param namespace its namespace
 * @param name its name
 */
public record OwnAccount(String namespace, String name) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** By the token that requests are made with; empty when that is no ServiceAccount's. */
    public static Optional<OwnAccount> of(Config config) {
        String token = config.getOauthToken() == null ? config.getAutoOAuthToken() : config.getOauthToken();
        String[] parts = token == null ? new String[0] : token.split("\\.");
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
            String[] subject = JSON.readTree(claims).path("sub").asText().split(":");
            return subject.length == 4 && subject[0].equals("system") && subject[1].equals("serviceaccount")
                    ? Optional.of(new OwnAccount(subject[2], subject[3]))
                    : Optional.empty();
        } catch (IllegalArgumentException | JsonProcessingException e) {
            return Optional.empty(); // Some other kind of token.
        }
    }
}
