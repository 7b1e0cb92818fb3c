package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stackwright.api.v1alpha1.DeletionPolicy;
import io.stackwright.api.v1alpha1.ExecutionSpec;
import io.stackwright.api.v1alpha1.InstallPolicy;
import io.stackwright.api.v1alpha1.OutputsSpec;
import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.StackSpec;
import io.stackwright.api.v1alpha1.UpdatesSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FingerprintTest {

    private static final Fingerprint FINGERPRINT =
            new Fingerprint(FingerprintKey.of("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8)));
    private static final StackSpec SPEC = spec(InstallPolicy.Auto, Map.of("team", "shop"));

    @Test
    void hasTheFormOfTheApi() {
        assertThat(FINGERPRINT.of("sha256:1", SPEC, inputs(List.of(), Map.of())))
                .matches("hmac-sha256:[0-9a-f]{64}");
        assertThat(FINGERPRINT.keyId()).matches("[0-9a-f]{8}");
    }

    @Test
    void dependsOnTheKey() {
        // given
        Fingerprint other =
                new Fingerprint(FingerprintKey.of("0123456789abcdef0123456789abcdeF".getBytes(StandardCharsets.UTF_8)));

        // then
        assertThat(other.keyId()).isNotEqualTo(FINGERPRINT.keyId());
        assertThat(other.of("d", SPEC, inputs(List.of(), Map.of())))
                .isNotEqualTo(FINGERPRINT.of("d", SPEC, inputs(List.of(), Map.of())));
    }

    @Test
    void changesWithEveryFieldThatMatters() {
        // given
        ResolvedInputs inputs = inputs(List.of(entry("k", "v", false)), Map.of("A", "b"));

        // when
        List<String> fingerprints = List.of(
                FINGERPRINT.of("d", SPEC, inputs),
                FINGERPRINT.of("e", SPEC, inputs),
                FINGERPRINT.of("d", spec(InstallPolicy.Never, Map.of("team", "shop")), inputs),
                FINGERPRINT.of("d", spec(InstallPolicy.Auto, Map.of("team", "shoe")), inputs),
                FINGERPRINT.of("d", SPEC, inputs(List.of(entry("k", "w", false)), Map.of("A", "b"))),
                FINGERPRINT.of("d", SPEC, inputs(List.of(entry("k", "v", true)), Map.of("A", "b"))),
                FINGERPRINT.of("d", SPEC, inputs(List.of(entry("k", "v", false)), Map.of("A", "c"))),
                FINGERPRINT.of("d", SPEC, inputs(List.of(entry("k", "v", false)), Map.of("B", "b"))),
                FINGERPRINT.of("d", SPEC, withPassphrase(inputs, "")),
                FINGERPRINT.of("d", SPEC, withPassphrase(inputs, "p")));

        // then
        assertThat(fingerprints).doesNotHaveDuplicates();
    }

    @Test
    void changesWithWhereOutputsArePublished() {
        assertThat(List.of(
                        publishing(null, null),
                        publishing("shop", null),
                        publishing(null, Map.of()),
                        publishing(null, Map.of("url", "URL")),
                        publishing(null, Map.of("url", "ADDRESS"))))
                .doesNotHaveDuplicates();
        assertThat(publishing(null, null)).isEqualTo(FINGERPRINT.of("d", SPEC, inputs(List.of(), Map.of())));
    }

    private static String publishing(String name, Map<String, String> keys) {
        OutputsSpec outputs = new OutputsSpec(new OutputsSpec.OutputSecret(name, keys, null));
        StackSpec spec = new StackSpec(
                null,
                SPEC.project(),
                null,
                null,
                null,
                null,
                null,
                null,
                SPEC.tags(),
                outputs,
                null,
                null,
                null,
                null,
                null);
        return FINGERPRINT.of("d", spec, inputs(List.of(), Map.of()));
    }

    @Test
    void doesNotChangeWithHowRunsAreDoneAndWhatBecomesOfResults() {
        // given
        ResolvedInputs inputs = inputs(List.of(), Map.of());
        UpdatesSpec updates = new UpdatesSpec(true, 4, true, "2h", "1m", null, null, null);
        StackSpec other = new StackSpec(
                null,
                SPEC.project(),
                null,
                null,
                null,
                null,
                null,
                null,
                SPEC.tags(),
                new OutputsSpec(new OutputsSpec.OutputSecret(null, null, true)),
                updates,
                DeletionPolicy.Retain,
                true,
                3,
                new ExecutionSpec("deployer", "pulumi/pulumi:3.250.0", null, new ExecutionSpec.Cache("cache")));

        // then
        assertThat(FINGERPRINT.of("d", other, inputs)).isEqualTo(FINGERPRINT.of("d", SPEC, inputs));
    }

    @Test
    void readsEqualNumbersAsEqualAndDifferentTypesAsDifferent() throws Exception {
        assertThat(of("1.0")).isEqualTo(of("1")).isEqualTo(of("1e0"));
        assertThat(of("0")).isEqualTo(of("-0.0"));
        assertThat(List.of(of("1"), of("\"1\""), of("true"), of("\"true\""), of("null"), of("\"null\""), of("\"\"")))
                .doesNotHaveDuplicates();
        assertThat(List.of(of("[]"), of("{}"), of("[[]]"), of("[{}]"), of("[null]"), of("{\"a\":null}")))
                .doesNotHaveDuplicates();
        assertThat(of("9007199254740993")).isNotEqualTo(of("9007199254740992"));
        assertThat(of("[[1],2]")).isNotEqualTo(of("[[1,2]]"));
    }

    private static String of(String json) throws Exception {
        JsonNode value = new ObjectMapper().readTree(json);
        return FINGERPRINT.of("d", SPEC, inputs(List.of(new ConfigEntry("k", false, value, false)), Map.of()));
    }

    private static ConfigEntry entry(String key, String value, boolean secret) {
        return new ConfigEntry(key, secret, TextNode.valueOf(value), secret);
    }

    private static ResolvedInputs inputs(List<ConfigEntry> config, Map<String, String> environment) {
        return new ResolvedInputs(config, environment, Set.of(), Optional.empty());
    }

    private static ResolvedInputs withPassphrase(ResolvedInputs inputs, String passphrase) {
        return new ResolvedInputs(inputs.config(), inputs.environment(), Set.of(), Optional.of(passphrase));
    }

    private static StackSpec spec(InstallPolicy install, Map<String, String> tags) {
        ProjectSource project = new ProjectSource(null, null, null, install);
        return new StackSpec(
                null, project, null, null, null, null, null, null, tags, null, null, null, null, null, null);
    }
}
