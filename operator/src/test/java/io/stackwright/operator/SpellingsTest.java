package io.stackwright.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpellingsTest {

    private final Spellings spellings = Spellings.of("sealed/4f1b?7c0é+9d");

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "ab", "abc", "abcd", "kg: "})
    void findsBase64AtEachAlignment(String before) {
        for (String after : new String[] {"", "x", "xy", "xyz"}) {
            // given
            byte[] bytes = (before + "sealed/4f1b?7c0é+9d" + after).getBytes(StandardCharsets.UTF_8);

            // when, then
            assertThat(spellings.isIn(Base64.getEncoder().encodeToString(bytes)))
                    .isTrue();
            assertThat(spellings.isIn(Base64.getUrlEncoder().encodeToString(bytes)))
                    .isTrue();
        }
    }

    @Test
    void findsTheTextItselfAndUrlEncoding() {
        assertThat(spellings.isIn("--token=sealed/4f1b?7c0é+9d!")).isTrue();
        assertThat(spellings.isIn(
                        "?token=" + URLEncoder.encode("sealed/4f1b?7c0é+9d", StandardCharsets.UTF_8) + "&more"))
                .isTrue();
        assertThat(spellings.isIn("sealed%2f4f1b%3f7c0%c3%a9%2b9d")).isTrue();
    }

    @Test
    void findsNothingElse() {
        assertThat(spellings.isIn("sealed/4f1b?7c0")).isFalse();
        assertThat(spellings.isIn(Base64.getEncoder().encodeToString("sealed/4f1b".getBytes(StandardCharsets.UTF_8))))
                .isFalse();
    }
}
