package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnAccountTest {

    @Test
    void theTokenTellsWhoseItIs() {
        assertThat(of(token("{\"iss\":\"i\",\"sub\":\"system:serviceaccount:platform:stackwright\"}")))
                .contains(new OwnAccount("platform", "stackwright"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"sub\":\"ann\"}", "{\"sub\":\"system:node:a\"}", "{}", "no json"})
    void otherTokensAreNoServiceAccounts(String claims) {
        assertThat(of(token(claims))).isEmpty();
    }

    @Test
    void whatIsNoJwtIsNoServiceAccounts() {
        assertThat(of("opaque")).isEmpty();
        assertThat(of("a.%%%.c")).isEmpty();
        assertThat(of(null)).isEmpty();
    }

    private static Optional<OwnAccount> of(String token) {
        Config config = Config.empty();
        config.setAutoOAuthToken(token);
        return OwnAccount.of(config);
    }

    private static String token(String claims) {
        return "header."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8))
                + ".signature";
    }
}
