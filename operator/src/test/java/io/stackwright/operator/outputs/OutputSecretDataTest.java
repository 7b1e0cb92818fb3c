package io.stackwright.operator.outputs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stackwright.api.v1alpha1.OutputsSpec;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.OutputValue;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputSecretDataTest {

    @Test
    void holdsTextAsItIsAndOtherValuesAsJson() throws Exception {
        assertThat(OutputSecretData.of(
                        Map.of(
                                "text", value("\"a \\\"b\\\"\\né\""),
                                "secret", new OutputValue(TextNode.valueOf("canary"), true),
                                "number", value("9007199254740993"),
                                "flag", value("true"),
                                "none", value("null"),
                                "list", value("[1, {\"a\": 1.5}]")),
                        null))
                .isEqualTo(new OutputSecretData.Data(Map.of(
                        "text", "a \"b\"\né",
                        "secret", "canary",
                        "number", "9007199254740993",
                        "flag", "true",
                        "none", "null",
                        "list", "[1,{\"a\":1.5}]")));
    }

    @Test
    void publishesOnlyWhatIsMapped() throws Exception {
        // given
        Map<String, OutputValue> outputs = Map.of("url", value("\"u\""), "illegal name", value("1"), "b", value("2"));

        // then
        assertThat(OutputSecretData.of(outputs, keys(Map.of("url", "SHOP_URL"))))
                .isEqualTo(new OutputSecretData.Data(Map.of("SHOP_URL", "u")));
        assertThat(OutputSecretData.of(outputs, keys(Map.of()))).isEqualTo(new OutputSecretData.Data(Map.of()));
        assertThat(OutputSecretData.of(Map.of("b", value("2")), new OutputsSpec(null)))
                .isEqualTo(new OutputSecretData.Data(Map.of("b", "2")));
    }

    @Test
    void reportsAMappedOutputThatDoesNotExist() {
        assertThat(problem(Map.of(), keys(Map.of("url", "URL"))))
                .isEqualTo(
                        Reason.OutputsInvalid + ": spec.outputs.secret.keys names the output `url`, which the program"
                                + " does not have; remove it, or export it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a/b", "a:b", "é", "", ".", "..", "..a", "a\n"})
    void reportsIllegalKeys(String name) throws Exception {
        assertThat(problem(Map.of(name, value("\"canary\"")), null))
                .startsWith("OutputsInvalid: the output `" + name + "`")
                .contains("spec.outputs.secret.keys")
                .doesNotContain("canary");
        assertThat(problem(Map.of("ok", value("\"canary\"")), keys(Map.of("ok", name))))
                .contains("`ok`");
    }

    @Test
    void reportsKeysThatAreTooLong() throws Exception {
        assertThat(OutputSecretData.of(Map.of("k".repeat(253), value("1")), null))
                .isInstanceOf(OutputSecretData.Data.class);
        assertThat(problem(Map.of("k".repeat(254), value("1")), null)).hasSizeLessThan(600);
    }

    @Test
    void reportsTwoOutputsWithOneKey() throws Exception {
        assertThat(problem(Map.of("a", value("1"), "b", value("2")), keys(Map.of("a", "K", "b", "K"))))
                .startsWith("OutputsInvalid: the outputs `a` and `b` would both have the key `K`");
    }

    @Test
    void isAllOrNothing() throws Exception {
        // given
        Map<String, OutputValue> outputs = new LinkedHashMap<>();
        outputs.put("small", value("1"));
        outputs.put("large", new OutputValue(TextNode.valueOf("é".repeat(OutputSecretData.MAX_BYTES / 2)), false));

        // then
        assertThat(problem(outputs, null)).startsWith("OutputsTooLarge").contains("spec.outputs.secret.keys");
        assertThat(OutputSecretData.of(outputs, keys(Map.of("small", "small"))))
                .isEqualTo(new OutputSecretData.Data(Map.of("small", "1")));
    }

    @Test
    void neverShowsValues() {
        assertThat(new OutputSecretData.Data(Map.of("k", "canary"))).asString().doesNotContain("canary");
    }

    private static String problem(Map<String, OutputValue> outputs, OutputsSpec spec) {
        OutputSecretData data = OutputSecretData.of(outputs, spec);
        assertThat(data).isInstanceOf(OutputSecretData.Problem.class);
        OutputSecretData.Problem problem = (OutputSecretData.Problem) data;
        return problem.reason() + ": " + problem.message();
    }

    private static OutputsSpec keys(Map<String, String> keys) {
        return new OutputsSpec(new OutputsSpec.OutputSecret(null, keys, null));
    }

    private static OutputValue value(String json) throws Exception {
        return new OutputValue(new ObjectMapper().readTree(json), false);
    }
}
