package io.stackwright.operator.inputs;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The forms in which a program may print a secret. How else it may be written in URLs and in JSON needs no forms: the
 * {@link Redactor} looks below such encodings.
 */
final class SecretForms {

    private static final int SHORTEST_LINE = 8;
    private static final int SHORTEST_BASE64 = 6;

    private SecretForms() {}

    /** The value, its lines, and their usual encodings. */
    static Set<String> of(String secret) {
        Set<String> forms = new LinkedHashSet<>();
        addForms(forms, secret);
        String trimmed = secret.strip();
        addForms(forms, trimmed);
        if (trimmed.indexOf('\n') >= 0) {
            trimmed.lines()
                    .map(String::strip)
                    .filter(line -> line.length() >= SHORTEST_LINE)
                    .forEach(line -> addForms(forms, line));
        }
        return forms;
    }

    private static void addForms(Set<String> forms, String value) {
        forms.add(value);
        String json = json(value);
        forms.add(json);
        forms.add(json(json));
        // Go's JSON also escapes what would be special in HTML.
        forms.add(json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"));
        String url = URLEncoder.encode(value, StandardCharsets.UTF_8);
        forms.add(url);
        forms.add(url.replace("+", "%20"));
        if (!value.isBlank()) {
            // In a form's encoding the only character that has not its percent sign.
            forms.add(value.replace(' ', '+'));
        }
        // JavaScript's URLs keep the percent signs of a password, so that more is decoded than was encoded.
        DecodedText.of(value).withoutPercents().map(DecodedText::text).ifPresent(forms::add);
        addBase64(forms, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Base64 of the value alone, and what it looks like inside the base64 of something longer. */
    private static void addBase64(Set<String> forms, byte[] value) {
        for (Base64.Encoder encoder : new Base64.Encoder[] {Base64.getEncoder(), Base64.getUrlEncoder()}) {
            forms.add(encoder.encodeToString(value));
            forms.add(encoder.withoutPadding().encodeToString(value));
            for (int before = 0; before < 3; before++) {
                byte[] shifted = new byte[before + value.length];
                System.arraycopy(value, 0, shifted, before, value.length);
                String text = encoder.withoutPadding().encodeToString(shifted);
                int start = (before * 8 + 5) / 6;
                int end = shifted.length * 8 / 6;
                if (end - start >= SHORTEST_BASE64) {
                    forms.add(text.substring(start, end));
                }
            }
        }
    }

    private static String json(String value) {
        StringBuilder out = new StringBuilder(value.length() + 8);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }
}
