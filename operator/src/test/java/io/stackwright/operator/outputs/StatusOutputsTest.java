package io.stackwright.operator.outputs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stackwright.operator.engine.OutputValue;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatusOutputsTest {

    private final Map<String, OutputValue> outputs = new LinkedHashMap<>();

    @Test
    void keepsTypesAndHidesSecrets() throws Exception {
        // given
        outputs.put("list", new OutputValue(new ObjectMapper().readTree("[1, null, {\"a\": true}]"), false));
        outputs.put("password", new OutputValue(TextNode.valueOf("canary"), true));

        // when
        StatusOutputs status = StatusOutputs.of(outputs);

        // then
        assertThat(status.outputs())
                .containsExactly(Map.entry("list", outputs.get("list").value()));
        assertThat(status.secretOutputs()).containsExactly("password");
        assertThat(status.omittedOutputs()).isEmpty();
        assertThat(status.toString()).doesNotContain("canary");
    }

    @Test
    void keepsWholeValuesInTheProgramsOrderWhileTheyFit() {
        // given
        plain("z", 20_000);
        plain("huge", 800_000);
        plain("y", 10_000);
        plain("x", 10_000);
        plain("a", 10);

        // when
        StatusOutputs status = StatusOutputs.of(outputs);

        // then
        assertThat(status.outputs().keySet()).containsExactly("z", "y", "a");
        assertThat(status.omittedOutputs()).containsExactly("huge", "x");
    }

    @Test
    void isBoundedWhateverTheProgramExports() throws Exception {
        // given
        for (int i = 0; i < 10_000; i++) {
            outputs.put("secret-" + i, new OutputValue(TextNode.valueOf("canary"), true));
            plain("plain-é-" + i, 20);
        }

        // when
        StatusOutputs status = StatusOutputs.of(outputs);

        // then
        ObjectMapper json = new ObjectMapper();
        assertThat(json.writeValueAsBytes(status.outputs())).hasSizeBetween(32_000, StatusOutputs.MAX_BYTES);
        assertThat(json.writeValueAsBytes(status.secretOutputs())).hasSizeLessThan(StatusOutputs.MAX_NAME_BYTES + 50);
        assertThat(json.writeValueAsBytes(status.omittedOutputs())).hasSizeLessThan(StatusOutputs.MAX_NAME_BYTES + 50);
        int shown = status.secretOutputs().size() - 1;
        assertThat(status.secretOutputs()).endsWith("… and " + (10_000 - shown) + " more");
    }

    private void plain(String name, int length) {
        outputs.put(name, new OutputValue(TextNode.valueOf("v".repeat(length)), false));
    }
}
