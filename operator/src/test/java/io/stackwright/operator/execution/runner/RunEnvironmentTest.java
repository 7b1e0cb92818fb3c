package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunEnvironmentTest {

    @Test
    void credentialsOfRegistriesAreKnownAsSecrets() {
        // given
        RunEnvironment environment = new RunEnvironment(
                Map.of(
                        "PIP_INDEX_URL", "https://me:in-url@pypi.example.com/simple",
                        "UV_INDEX_PRIVATE_PASSWORD", "uv-password",
                        "POETRY_PYPI_TOKEN_PRIVATE", "poetry-token",
                        "npm_config_//registry.example.com/:_authToken", "npm-token",
                        "NPM_CONFIG_LOGLEVEL", "warn",
                        "AWS_SECRET_ACCESS_KEY", "does not pass"),
                Path.of("/caches"));

        // then
        assertThat(environment.secrets())
                .contains("in-url", "uv-password", "poetry-token", "npm-token")
                .doesNotContain("warn", "does not pass");
    }
}
