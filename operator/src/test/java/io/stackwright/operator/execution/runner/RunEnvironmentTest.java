package io.stackwright.operator.execution.runner;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.telemetry.Tracing;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunEnvironmentTest {

    @TempDir
    private Path folder;

    @Test
    void credentialsOfRegistriesAreKnownAsSecrets() {
        // given
        RunEnvironment environment = RunEnvironment.ofOperator(
                Map.of(
                        "PIP_INDEX_URL", "https://me:in-url@pypi.example.com/simple",
                        "UV_INDEX_PRIVATE_PASSWORD", "uv-password",
                        "POETRY_PYPI_TOKEN_PRIVATE", "poetry-token",
                        "npm_config_//registry.example.com/:_authToken", "npm-token",
                        "NPM_CONFIG_LOGLEVEL", "warn",
                        "AWS_SECRET_ACCESS_KEY", "does not pass"),
                new RunPaths(Path.of("/data")));

        // then
        assertThat(environment.secrets())
                .contains("in-url", "uv-password", "poetry-token", "npm-token")
                .doesNotContain("warn", "does not pass");
    }

    /** A user of a container without an entry in /etc/passwd: there the CLI ends unless a variable names the user. */
    @Test
    void aRunHasAUserAndAStackMayNameAnother(@TempDir Path data) throws Exception {
        // given
        RunEnvironment environment = RunEnvironment.ofOperator(Map.of(), new RunPaths(data));

        try (RunFolder folder = RunFolder.create(data.resolve("run"), data.resolve("plugins"), Optional.empty())) {
            // then
            assertThat(environment.of(folder, "uid", List.of(), "file:///b", "p", Map.of()))
                    .containsEntry("USER", "stackwright");
            assertThat(environment.of(folder, "uid", List.of(), "file:///b", "p", Map.of("USER", "me")))
                    .containsEntry("USER", "me");
        }
    }

    @Test
    void aRunCarriesOnItsTraceOnlyWhereTracesAreCollectedAndTheStackSaysNothingElse(@TempDir Path data)
            throws Exception {
        // given
        String uid = "2d8b943b-5013-496b-9f9f-0932ecb2699b";
        RunEnvironment plain = RunEnvironment.ofOperator(Map.of(), new RunPaths(data));
        RunEnvironment traced = RunEnvironment.ofOperator(
                Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
                new RunPaths(data));

        try (RunFolder folder = RunFolder.create(data.resolve("run"), data.resolve("plugins"), Optional.empty())) {
            // then
            assertThat(plain.of(folder, uid, List.of(), "file:///b", "p", Map.of()))
                    .doesNotContainKey("TRACEPARENT");
            assertThat(traced.of(folder, uid, List.of(), "file:///b", "p", Map.of()))
                    .containsEntry("TRACEPARENT", "00-2d8b943b5013496b9f9f0932ecb2699b-9f9f0932ecb2699b-01")
                    .doesNotContainKey("OTEL_EXPORTER_OTLP_ENDPOINT");
            assertThat(traced.of(folder, uid, List.of(), "file:///b", "p", Map.of("TRACEPARENT", "own")))
                    .containsEntry("TRACEPARENT", "own");
        }
    }

    @Test
    void whatThePodOffersReachesTheProgramAndWhatIsOursDoesNot() throws Exception {
        // given
        RunPaths paths = new RunPaths(folder);
        RunEnvironment environment = RunEnvironment.ofPod(
                Map.ofEntries(
                        entry("PATH", "/image/bin"),
                        entry("HOME", "/image/home"),
                        entry("AWS_ROLE_ARN", "arn:aws:iam::1:role/shop"),
                        entry("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/eks/token"),
                        entry("AZURE_CLIENT_ID", "client"),
                        entry("GOOGLE_APPLICATION_CREDENTIALS", "/var/run/gcp.json"),
                        entry("KUBERNETES_SERVICE_HOST", "10.0.0.1"),
                        entry("FROM_THE_TEMPLATE", "template"),
                        entry("ARM_CLIENT_SECRET", "in the template"),
                        entry("PULUMI_BACKEND_URL", "s3://of-the-image"),
                        entry("PULUMI_CONFIG_PASSPHRASE_FILE", "/of/the/image"),
                        entry("PULUMI_SKIP_CHECKPOINTS", "true"),
                        entry("POD_NAME", "shop-1-x"),
                        entry("POD_UID", "uid")),
                paths,
                Set.of("the run's token"),
                Tracing.of(Map.of()));

        // when
        Map<String, String> of;
        try (RunFolder run = RunFolder.create(folder.resolve("work/1"), paths.plugins(), Optional.empty())) {
            of = environment.of(
                    run, "uid", List.of(), "file:///state", "passphrase", Map.of("FROM_THE_TEMPLATE", "declared"));
        }

        // then
        assertThat(of)
                .containsEntry("AWS_ROLE_ARN", "arn:aws:iam::1:role/shop")
                .containsEntry("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/eks/token")
                .containsEntry("AZURE_CLIENT_ID", "client")
                .containsEntry("GOOGLE_APPLICATION_CREDENTIALS", "/var/run/gcp.json")
                .containsEntry("KUBERNETES_SERVICE_HOST", "10.0.0.1")
                .containsEntry("FROM_THE_TEMPLATE", "declared")
                .containsEntry("PULUMI_BACKEND_URL", "file:///state")
                .containsEntry("PATH", "/image/bin")
                .containsEntry("USER", "stackwright")
                .doesNotContainKeys("POD_NAME", "POD_UID", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_SKIP_CHECKPOINTS");
        assertThat(of.get("HOME")).startsWith(folder.toString());
        assertThat(environment.secrets()).containsExactlyInAnyOrder("in the template", "the run's token");
    }
}
