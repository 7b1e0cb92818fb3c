package io.stackwright.operator.inputs;

import java.util.Arrays;
import java.util.Optional;

/**
 * A text that has been decoded, and knows where each of its characters stands in what it was decoded from.
 *
 * <p>No two encoders of URLs leave the same characters as they are, and of JSON's escapes an encoder may use any. What
 * they all agree on is how to decode.
 *
 * @param text without control characters, however they were written
 * @param starts where in the original each character begins, and at last where the text ends; null for the original
 */
record DecodedText(String text, int[] starts) {

    private static final int HEX = 16;

    /** One character in place of several. */
    private record Escape(int codePoint, int length) {}

    /** Finds the escape that begins at an index; null when there is none. */
    private interface Syntax {
        Escape at(String text, int at);
    }

    /** Text that nothing has been done to. */
    static DecodedText of(String text) {
        return new DecodedText(text, null);
    }

    /** Where in the original a character begins; for the length of the text, where it ends. */
    int start(int at) {
        return starts == null ? at : starts[at];
    }

    /** One layer of URL encoding less, whichever characters have been encoded; empty when there is none. */
    Optional<DecodedText> withoutPercents() {
        return decoded('%', DecodedText::percentAt);
    }

    /** One layer of the escapes less that JSON, and literals of most languages, have; empty when there is none. */
    Optional<DecodedText> withoutBackslashes() {
        return decoded('\\', DecodedText::backslashAt);
    }

    private Optional<DecodedText> decoded(char mark, Syntax syntax) {
        // Most texts have no escape, and the rest takes many bytes for each of their characters.
        int at = firstEscape(mark, syntax);
        if (at < 0) {
            return Optional.empty();
        }
        StringBuilder out = new StringBuilder(text.length()).append(text, 0, at);
        int[] from = new int[text.length() + 1];
        for (int i = 0; i < at; i++) {
            from[i] = start(i);
        }
        while (at < text.length()) {
            Escape escape = text.charAt(at) == mark ? syntax.at(text, at) : null;
            int before = out.length();
            if (escape == null) {
                out.append(text.charAt(at));
            } else if (!isControl(escape.codePoint())) {
                out.appendCodePoint(escape.codePoint());
            }
            Arrays.fill(from, before, out.length(), start(at));
            at += escape == null ? 1 : escape.length();
        }
        from[out.length()] = start(text.length());
        return Optional.of(new DecodedText(out.toString(), Arrays.copyOf(from, out.length() + 1)));
    }

    private int firstEscape(char mark, Syntax syntax) {
        int at = text.indexOf(mark);
        while (at >= 0 && syntax.at(text, at) == null) {
            at = text.indexOf(mark, at + 1);
        }
        return at;
    }

    /** What a {@link Redactor} takes out of secrets and texts alike. */
    private static boolean isControl(int codePoint) {
        return codePoint == '\u2028'
                || codePoint == '\u2029'
                || Character.isISOControl(codePoint) && codePoint != '\n' && codePoint != '\t';
    }

    /** UTF-8; single bytes that are none are Latin-1. */
    private static Escape percentAt(String text, int at) {
        int first = octet(text, at);
        if (first < 0) {
            return null;
        }
        int more = first < 0xC0 || first > 0xF7 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
        int codePoint = first & (0x3F >> more);
        for (int i = 1; i <= more; i++) {
            int next = octet(text, at + 3 * i);
            if (next < 0x80 || next > 0xBF) {
                more = 0;
            }
            codePoint = codePoint << 6 | next & 0x3F;
        }
        return more == 0 || !Character.isValidCodePoint(codePoint)
                ? new Escape(first, 3)
                : new Escape(codePoint, 3 * (more + 1));
    }

    private static int octet(String text, int at) {
        return at < text.length() && text.charAt(at) == '%' ? hex(text, at + 1, 2) : -1;
    }

    private static Escape backslashAt(String text, int at) {
        if (at + 1 == text.length()) {
            return null;
        }
        char kind = text.charAt(at + 1);
        return switch (kind) {
            case '"', '\'', '\\', '/' -> new Escape(kind, 2);
            case 'n' -> new Escape('\n', 2);
            case 'r' -> new Escape('\r', 2);
            case 't' -> new Escape('\t', 2);
            case 'b' -> new Escape('\b', 2);
            case 'f' -> new Escape('\f', 2);
            case 'x' -> numbered(text, at, 2);
            case 'u' -> numbered(text, at, 4);
            case 'U' -> numbered(text, at, 8);
            default -> null;
        };
    }

    private static Escape numbered(String text, int at, int digits) {
        int codePoint = hex(text, at + 2, digits);
        return Character.isValidCodePoint(codePoint) ? new Escape(codePoint, 2 + digits) : null;
    }

    /** What so many digits say; negative when they are not that. */
    private static int hex(String text, int at, int digits) {
        if (at + digits > text.length()) {
            return -1;
        }
        int value = 0;
        for (int i = at; i < at + digits; i++) {
            int digit = Character.digit(text.charAt(i), HEX);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** Values can be secret. */
    @Override
    public String toString() {
        return "DecodedText[" + text.length() + "]";
    }
}
