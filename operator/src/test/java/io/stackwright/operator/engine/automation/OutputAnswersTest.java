package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.pulumi.automation.AutomationException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutputAnswersTest {

    private static final String SECRET =
            "{\"4dabf18193072939515e22adb298388d\":\"1b47061264138c4ac30d75fd1eb44270\",\"ciphertext\":\"[secret]\"}";

    private final List<Boolean> asked = new ArrayList<>();

    @Test
    void withoutSecretsNoProcessIsNeeded() throws Exception {
        // given
        OutputAnswers answers = fromEvents("{\"big\":12345678901234567890,\"s\":\"text\",\"n\":null,\"f\":1.50}");

        // when
        JsonNode masked = Json.parse(answers.answer(false));

        // then
        assertThat(masked.path("big").textValue()).isEqualTo("12345678901234567890");
        assertThat(masked.path("s").textValue()).isEqualTo("\"text\"");
        assertThat(masked.path("n").textValue()).isEqualTo("null");
        assertThat(masked.path("f").textValue()).isEqualTo("1.50");
        assertThat(Json.parse(answers.answer(true))).isEqualTo(masked);
        assertThat(asked).isEmpty();
    }

    /** The CLI writes so in place of secret configuration in its events; a program may write the same. */
    @Test
    void whatMayBeMaskedIsAskedForAndSecretWhenItWas() throws Exception {
        // given
        OutputAnswers answers = fromEvents("{\"open\":1,\"a\":\"with [secret]\",\"literal\":\"[secret]\"}");

        // then
        assertThat(answers.answer(false))
                .isEqualTo("{\"open\":\"1\",\"a\":\"[secret]\",\"literal\":\"\\\"[secret]\\\"\"}");
        assertThat(answers.answer(true))
                .isEqualTo("{\"open\":\"1\",\"a\":\"\\\"plain\\\"\",\"literal\":\"\\\"[secret]\\\"\"}");
        assertThat(asked).containsExactly(true);
    }

    @Test
    void oneProcessTellsAllSecrets() throws Exception {
        // given
        OutputAnswers answers = fromEvents("{\"open\":1,\"a\":" + SECRET + ",\"b\":[{\"c\":" + SECRET + "}]}");

        // then
        assertThat(answers.answer(false)).isEqualTo("{\"open\":\"1\",\"a\":\"[secret]\",\"b\":\"[secret]\"}");
        assertThat(answers.answer(true))
                .isEqualTo("{\"open\":\"1\",\"a\":\"\\\"plain\\\"\",\"b\":\"[{\\\"c\\\":2}]\"}");
        assertThat(asked).containsExactly(true);
    }

    @Test
    void withoutEventsTheCliTellsWhatIsSecret() throws Exception {
        // given
        OutputAnswers answers = new OutputAnswers(this::cli, Optional.empty());

        // then
        assertThat(answers.answer(false))
                .isEqualTo("{\"open\":\"1\",\"a\":\"[secret]\",\"b\":\"[secret]\",\"literal\":\"\\\"[secret]\\\"\"}");
        assertThat(asked).containsExactly(false, true);
    }

    @Test
    void quotesNothingThatItCannotRead() {
        // given
        OutputAnswers answers = new OutputAnswers(show -> "{\"a\": hunter2", Optional.empty());

        // then
        assertThatThrownBy(() -> answers.answer(true))
                .isInstanceOf(AutomationException.class)
                .hasMessageNotContaining("hunter2")
                .hasNoCause();
    }

    private OutputAnswers fromEvents(String outputs) throws Exception {
        Map<String, JsonNode> events = new LinkedHashMap<>();
        Json.parse(outputs).properties().forEach(output -> events.put(output.getKey(), output.getValue()));
        return new OutputAnswers(this::cli, Optional.of(events));
    }

    private String cli(boolean showSecrets) {
        asked.add(showSecrets);
        return showSecrets
                ? "{\"open\":1,\"a\":\"plain\",\"b\":[{\"c\":2}],\"literal\":\"[secret]\"}"
                : "{\"open\":1,\"a\":\"[secret]\",\"b\":[{\"c\":\"[secret]\"}],\"literal\":\"[secret]\"}";
    }
}
