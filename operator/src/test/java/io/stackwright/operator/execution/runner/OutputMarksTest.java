package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.inputs.Redactor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputMarksTest {

    private static final String SECRET = "Kx7$w@rd+9";

    private final Redactor redactor = new Redactor(List.of(SECRET, "1", "no", "20481"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"Kx7$w@rd+9\"",
                "\"postgres://app:Kx7$w@rd+9@db/app\"",
                "\"postgres://app:Kx7$w%40rd+9@db/app\"",
                "\"Basic YXBwOkt4NyR3QHJkKzk=\"",
                "[1, [\"a\", \"b Kx7$w@rd+9\"]]",
                "{\"deep\": [{\"url\": \"Kx7$w@rd+9/\"}]}",
                "{\"deep\": {\"Kx7$w@rd+9\": true}}",
                "\"{\\\"password\\\":\\\"Kx7$w@rd+9\\\"}\"",
                "20481",
                "{\"port\": 20481}"
            })
    void anOutputWithASecretInItIsSecretAndStaysWhole(String json) {
        // given
        JsonNode value = json(json);

        // when
        Map<String, OutputValue> marked = OutputMarks.of(Map.of("out", new OutputValue(value, false)), redactor);

        // then
        assertThat(marked).containsExactly(Map.entry("out", new OutputValue(value, true)));
        assertThat(marked.get("out").value().toString()).isEqualTo(value.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "\"1\"",
                "\"no\"",
                "[true, null, 10, \"none\", {\"1\": \"no\"}]",
                "\"Kx7$w@rd\"",
                "\"\\u001b[31mred\\u001b[0m\\r\\n\""
            })
    void whatTheRedactorLeavesToBeReadIsNone(String json) {
        // given
        Map<String, OutputValue> outputs = Map.of("out", new OutputValue(json(json), false));

        // then
        assertThat(OutputMarks.of(outputs, redactor)).isEqualTo(outputs);
    }

    /** It fits no Secret, and to look into it could take more memory than a runner has. */
    @Test
    void aTextOfMoreThanAMebibyteIsTakenForSecretUnseen() {
        // given
        JsonNode large = TextNode.valueOf("x".repeat(1 << 20));
        JsonNode tooLarge = TextNode.valueOf("x".repeat((1 << 20) + 1));
        JsonNode inside = JsonNodeFactory.instance.objectNode().set("deep", tooLarge);
        JsonNode name = JsonNodeFactory.instance.objectNode().put(tooLarge.textValue(), 1);

        // then
        assertThat(isMarked(large)).isFalse();
        assertThat(isMarked(tooLarge)).isTrue();
        assertThat(isMarked(inside)).isTrue();
        assertThat(isMarked(name)).isTrue();
    }

    private boolean isMarked(JsonNode value) {
        return OutputMarks.of(Map.of("out", new OutputValue(value, false)), redactor)
                .get("out")
                .secret();
    }

    @Test
    void pulumisOwnMarksAndTheOrderStay() {
        // given
        Map<String, OutputValue> outputs = new LinkedHashMap<>();
        outputs.put("z", new OutputValue(json("\"theirs\""), true));
        outputs.put("m", new OutputValue(json("\"plain\""), false));
        outputs.put("a", new OutputValue(json("\"x " + SECRET + "\""), false));

        // when
        Map<String, OutputValue> marked = OutputMarks.of(outputs, redactor);

        // then
        assertThat(marked.keySet()).containsExactly("z", "m", "a");
        assertThat(marked.values()).extracting(OutputValue::secret).containsExactly(true, false, true);
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
