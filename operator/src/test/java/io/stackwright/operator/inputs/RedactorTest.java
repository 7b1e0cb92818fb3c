package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RedactorTest {

    private static final String SECRET = "p@ss \"w\\rd\"\t<&>é";

    @Test
    void leavesTextWithoutSecretsAsItIs() {
        assertThat(new Redactor(List.of(SECRET, "", "ab")).redact("ab\ttext\n")).isEqualTo("ab\ttext\n");
        assertThat(new Redactor(List.of()).redact("text")).isEqualTo("text");
        assertThat(new Redactor(List.of(SECRET)).redact("")).isEmpty();
    }

    @Test
    void replacesTheFormsThatProgramsPrint() throws Exception {
        // given
        Redactor redactor = new Redactor(List.of(SECRET));
        String json = new ObjectMapper().writeValueAsString(SECRET);
        byte[] bytes = SECRET.getBytes(StandardCharsets.UTF_8);

        // then
        assertThat(redactor.redact("a " + SECRET + " b")).isEqualTo("a [secret] b");
        assertThat(redactor.redact(json)).isEqualTo("\"[secret]\"");
        assertThat(redactor.redact(new ObjectMapper().writeValueAsString(json))).doesNotContain("p@ss");
        assertThat(redactor.redact(
                        json.replace("<", "\\u003c").replace("&", "\\u0026").replace(">", "\\u003e")))
                .isEqualTo("\"[secret]\"");
        assertThat(redactor.redact(Base64.getEncoder().encodeToString(bytes))).isEqualTo("[secret]");
        assertThat(redactor.redact(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)))
                .isEqualTo("[secret]");
        assertThat(redactor.redact(URLEncoder.encode(SECRET, StandardCharsets.UTF_8)))
                .isEqualTo("[secret]");
        assertThat(redactor.redact(
                        URLEncoder.encode(SECRET, StandardCharsets.UTF_8).replace("+", "%20")))
                .isEqualTo("[secret]");
    }

    @Test
    void findsASecretInTheBase64OfSomethingLonger() {
        // given
        Redactor redactor = new Redactor(List.of("correct-horse-battery"));

        for (String before : List.of("", "u", "us", "use", "user:")) {
            // when
            String header = Base64.getEncoder()
                    .encodeToString((before + "correct-horse-battery" + "/tail").getBytes(StandardCharsets.UTF_8));
            String redacted = redactor.redact(header);

            // then
            assertThat(redacted).contains("[secret]");
            assertThat(decoded(redacted)).doesNotContain("orrect", "horse", "batter");
        }
    }

    @Test
    void replacesTheLinesOfALongText() {
        // given
        String key = "-----BEGIN KEY-----\r\nMIIEvQIBADANBgkq\r\nshort\r\nhkiG9w0BAQEFAASC\r\n-----END KEY-----\r\n";
        Redactor redactor = new Redactor(List.of(key));

        // then
        assertThat(redactor.redact("x " + key + " y")).isEqualTo("x [secret] y");
        assertThat(redactor.redact(key.replace("\r", ""))).isEqualTo("[secret]");
        assertThat(redactor.redact("line 2: MIIEvQIBADANBgkq!")).isEqualTo("line 2: [secret]!");
        assertThat(redactor.redact("  hkiG9w0BAQEFAASC")).isEqualTo("  [secret]");
        assertThat(redactor.redact("a short text")).isEqualTo("a short text");
    }

    @Test
    void leavesNothingOfSecretsThatOverlap() {
        assertThat(new Redactor(List.of("abcd", "bcdefgh")).redact("-abcdefgh-"))
                .isEqualTo("-[secret]-");
        assertThat(new Redactor(List.of("password", "password1")).redact("password1 password"))
                .isEqualTo("[secret] [secret]");
        assertThat(new Redactor(List.of("aaa")).redact("aaaaa")).isEqualTo("[secret]");
        assertThat(new Redactor(List.of("abc")).redact("abcabc")).doesNotContain("abc");
    }

    @Test
    void findsSecretsUnderColourAndControlCharacters() {
        // given
        Redactor redactor = new Redactor(List.of("hunter22"));

        // then
        assertThat(redactor.redact("\u001B[31mhun\u001B[0mter22\u001B]0;title\u0007\r\n\u0000\u009b!"))
                .isEqualTo("[secret]\n!");
        assertThat(redactor.redact("hun\u0008ter22")).isEqualTo("[secret]");
    }

    @Test
    void isFastWithLongTextsAndManySecrets() {
        // given
        List<String> secrets =
                IntStream.range(0, 200).mapToObj(i -> "aaa".repeat(20) + i).toList();
        Redactor redactor = new Redactor(secrets);
        String text = ("aaa".repeat(20) + "\u001B[").repeat(1_100);

        // then
        assertTimeoutPreemptively(Duration.ofSeconds(2), () -> redactor.redact(text));
    }

    private static String decoded(String redacted) {
        StringBuilder all = new StringBuilder();
        for (String part : redacted.split("\\[secret]")) {
            for (int skip = 0; skip < 4 && skip < part.length(); skip++) {
                String piece = part.substring(skip).replace("=", "");
                piece = piece.substring(0, piece.length() - (piece.length() % 4 == 1 ? 1 : 0));
                all.append(new String(Base64.getDecoder().decode(piece), StandardCharsets.ISO_8859_1));
            }
        }
        return all.toString();
    }
}
