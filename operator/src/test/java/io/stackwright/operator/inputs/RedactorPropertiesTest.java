package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class RedactorPropertiesTest {

    @Property
    void neverLeavesASecret(
            @ForAll @StringLength(min = 3, max = 6) @CharRange(from = 'a', to = 'c') String one,
            @ForAll @StringLength(min = 3, max = 6) @CharRange(from = 'a', to = 'c') String two,
            @ForAll @StringLength(max = 40) @CharRange(from = 'a', to = 'd') String text) {
        assertThat(new Redactor(List.of(one, two)).redact(text)).doesNotContain(one, two);
    }

    @Property
    void leavesNoSpellingThatUrlsAndJsonAllow(
            @ForAll @StringLength(min = 3, max = 8) @Chars({'a', 'b', '@', '/', '+', '%', '"', 'é', '€'}) String secret,
            @ForAll @Size(8) List<@IntRange(max = 3) Integer> spellings,
            @ForAll boolean inUrl) {
        // given
        StringBuilder spelled = new StringBuilder("<");
        for (int i = 0; i < secret.length(); i++) {
            String c = secret.substring(i, i + 1);
            spelled.append(inUrl ? inUrl(c, spellings.get(i)) : inJson(c, spellings.get(i)));
        }

        // then
        assertThat(new Redactor(List.of(secret)).redact(spelled.append('>').toString()))
                .isEqualTo("<[secret]>");
    }

    /** Whatever an encoder leaves as it is; what begins an escape is never left. */
    private static String inUrl(String c, int spelling) {
        if (spelling < 2 && !c.equals("%")) {
            return c;
        }
        StringBuilder escaped = new StringBuilder();
        for (byte b : c.getBytes(StandardCharsets.UTF_8)) {
            escaped.append(String.format(spelling == 2 ? "%%%02x" : "%%%02X", b));
        }
        return escaped.toString();
    }

    private static String inJson(String c, int spelling) {
        if (spelling < 2) {
            return c.equals("\"") || c.equals("/") ? "\\" + c : c;
        }
        return String.format(spelling == 2 ? "\\u%04x" : "\\u%04X", (int) c.charAt(0));
    }
}
