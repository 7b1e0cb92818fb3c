package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Go: url.UserPassword, url.QueryEscape, url.PathEscape, URL.String (path, fragment)
                "p%40ss%20w%2Fo%3A%C3%A9&;,=%3F~%2A%27%28%29%21%2541%F0%9F%98%80",
                "p%40ss+w%2Fo%3A%C3%A9%26%3B%2C%3D%3F~%2A%27%28%29%21%2541%F0%9F%98%80",
                "p@ss%20w%2Fo:%C3%A9&%3B%2C=%3F~%2A%27%28%29%21%2541%F0%9F%98%80",
                "p@ss%20w/o:%C3%A9&;,=%3F~%2A%27%28%29%21%2541%F0%9F%98%80",
                "p@ss%20w/o:%C3%A9&;,=?~*%27()!%2541%F0%9F%98%80",
                // Go: json.Marshal of such a URL
                "p%40ss%20w%2Fo%3A%C3%A9\\u0026;,=%3F~%2A%27%28%29%21%2541%F0%9F%98%80",
                // Python: urllib.parse's quote, quote(safe=''), quote_plus, quote twice
                "p%40ss%20w/o%3A%C3%A9%26%3B%2C%3D%3F~%2A%27%28%29%21%2541%F0%9F%98%80",
                "p%40ss%20w%2Fo%3A%C3%A9%26%3B%2C%3D%3F~%2A%27%28%29%21%2541%F0%9F%98%80",
                "p%40ss+w%2Fo%3A%C3%A9%26%3B%2C%3D%3F~%2A%27%28%29%21%2541%F0%9F%98%80",
                "p%2540ss%2520w/o%253A%25C3%25A9%2526%253B%252C%253D%253F~%252A%2527%2528%2529%2521%252541"
                        + "%25F0%259F%2598%2580",
                // Python: json.dumps, twice, within quote; ascii
                "p@ss w/o:\\u00e9&;,=?~*'()!%41\\ud83d\\ude00",
                "p@ss w/o:\\\\u00e9&;,=?~*'()!%41\\\\ud83d\\\\ude00",
                "p%40ss%20w/o%3A%5Cu00e9%26%3B%2C%3D%3F~%2A%27%28%29%21%2541%5Cud83d%5Cude00",
                "p@ss w/o:\\xe9&;,=?~*'()!%41\\U0001f600",
                // JavaScript: encodeURIComponent, encodeURI, the setter of URL.password, URLSearchParams
                "p%40ss%20w%2Fo%3A%C3%A9%26%3B%2C%3D%3F~*'()!%2541%F0%9F%98%80",
                "p@ss%20w/o:%C3%A9&;,=?~*'()!%2541%F0%9F%98%80",
                "p%40ss%20w%2Fo%3A%C3%A9&%3B,%3D%3F~*'()!%41%F0%9F%98%80",
                "p%40ss+w%2Fo%3A%C3%A9%26%3B%2C%3D%3F%7E*%27%28%29%21%2541%F0%9F%98%80"
            })
    void replacesTheSpellingsOfOtherLanguages(String spelling) {
        // given
        Redactor redactor = new Redactor(List.of("p@ss w/o:é&;,=?~*'()!%41😀"));
        String lowerCase = Pattern.compile("(?<=%|%25)[0-9A-F]{2}")
                .matcher(spelling)
                .replaceAll(hex -> hex.group().toLowerCase(Locale.ROOT));
        String upperCase = Pattern.compile("(?<=u)[0-9a-f]{4}")
                .matcher(spelling)
                .replaceAll(hex -> hex.group().toUpperCase(Locale.ROOT));

        // then
        assertThat(redactor.redact("https://u:" + spelling + "@h/"))
                .isEqualTo(redactor.redact("https://u:" + lowerCase + "@h/"))
                .isEqualTo(redactor.redact("https://u:" + upperCase + "@h/"))
                .isEqualTo("https://u:[secret]@h/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Kx7$w%40rd+9", "Kx7%24w%40rd%2B9", "Kx7%24w%40rd%2b9", "Kx7$w@rd+9", "Kx7%2524w%2540rd%252B9"})
    void replacesAPasswordInAUrl(String spelling) {
        assertThat(new Redactor(List.of("Kx7$w@rd+9")).redact("50% of postgres://app:" + spelling + "@db/%41%zz%"))
                .isEqualTo("50% of postgres://app:[secret]@db/%41%zz%");
    }

    @Test
    void findsTheBase64OfASecretInAUrl() {
        // Python: quote(base64.b64encode(b"user:>>>???correct-horse")), with + and / in it
        assertThat(new Redactor(List.of(">>>???correct-horse")).redact("?auth=dXNlcjo%2BPj4/Pz9jb3JyZWN0LWhvcnNl&next"))
                .startsWith("?auth=")
                .contains("[secret]")
                .doesNotContain("Pj4", "Pz9jb3JyZWN0LWhvcnN");
    }

    @Test
    void leavesEscapesWithoutSecretsAsTheyAre() {
        assertThat(new Redactor(List.of("Kx7$w@rd+9")).redact("C:\\new\\u00e9 %41%C3%A9 %E9 \\uD83D\\q \\u12 %"))
                .isEqualTo("C:\\new\\u00e9 %41%C3%A9 %E9 \\uD83D\\q \\u12 %");
    }

    @Test
    void seesWhetherASecretIsInAText() {
        // given
        Redactor redactor = new Redactor(List.of("Kx7$w@rd+9", "1", "no"));

        // then
        assertThat(redactor.finds("postgres://app:Kx7$w%40rd+9@db")).isTrue();
        assertThat(redactor.finds("1 no Kx7$w@rd")).isFalse();
        assertThat(redactor.finds("\u001B[31mred\u001B[0m\r\n")).isFalse();
        assertThat(redactor.finds("")).isFalse();
    }

    @Test
    void isFastWithLongTextsAndManySecrets() {
        // given
        List<String> secrets =
                IntStream.range(0, 200).mapToObj(i -> "aaa".repeat(20) + i).toList();
        Redactor redactor = new Redactor(secrets);
        String text = ("aaa".repeat(20) + "\u001B[").repeat(1_100);
        String escaped = ("aaa".repeat(20) + "%2541\\\\u0041").repeat(200);

        // then
        assertTimeoutPreemptively(Duration.ofSeconds(2), () -> redactor.redact(text));
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> redactor.redact(escaped));
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
