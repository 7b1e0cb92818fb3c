package io.stackwright.operator.inputs;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Takes secret values, in the forms that programs print them in, and control characters out of text before people and
 * the API see it. Passes over the text, and over what is encoded in it, once, whatever the number of secrets.
 */
public final class Redactor {

    /** What stands in place of a secret. */
    public static final String MARK = "[secret]";

    /** Shorter ones would make any text unreadable, and can be guessed anyway. */
    private static final int SHORTEST = 3;

    private static final Pattern ANSI =
            Pattern.compile("\u001B(?:\\[[0-?]*+[ -/]*+[@-~]|\\][^\u0007\u001B]*+(?:\u0007|\u001B\\\\)?|[ -/]*+[0-~])");
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\u2028\u2029&&[^\n\t]]");

    /** So deep may encodings be in one another: JSON in a URL, a URL in the parameter of another one. */
    private static final int LAYERS = 2;

    /** All patterns by their first three characters, longest first. */
    private final Map<Long, List<String>> patterns = new HashMap<>();

    public Redactor(Collection<String> secrets) {
        Set<String> all = new LinkedHashSet<>();
        for (String secret : secrets) {
            if (secret.length() >= SHORTEST) {
                SecretForms.of(secret).forEach(form -> all.add(strip(form)));
            }
        }
        for (String pattern : all) {
            if (pattern.length() >= SHORTEST && !pattern.isBlank()) {
                patterns.computeIfAbsent(start(pattern, 0), start -> new ArrayList<>())
                        .add(pattern);
            }
        }
        patterns.values()
                .forEach(list ->
                        list.sort(Comparator.comparingInt(String::length).reversed()));
    }

    /** The whole text. */
    public String redact(String text) {
        String stripped = strip(text);
        return replaced(stripped, covered(stripped));
    }

    /** Whether a secret is in the text, that is whether {@link #redact} puts {@link #MARK} in the place of something. */
    public boolean finds(String text) {
        return !covered(strip(text)).isEmpty();
    }

    private static String strip(String text) {
        return CONTROL.matcher(ANSI.matcher(text).replaceAll("")).replaceAll("");
    }

    /** What any secret covers, however it is written. */
    private BitSet covered(String text) {
        BitSet covered = new BitSet();
        if (!patterns.isEmpty()) {
            cover(DecodedText.of(text), LAYERS, covered);
        }
        return covered;
    }

    private void cover(DecodedText decoded, int layers, BitSet covered) {
        String text = decoded.text();
        int until = 0;
        for (int at = 0; at <= text.length() - SHORTEST; at++) {
            int end = at + longestAt(text, at);
            if (end > at && end > until) {
                covered.set(decoded.start(Math.max(at, until)), decoded.start(end));
                until = end;
            }
        }
        if (layers > 0) {
            decoded.withoutPercents().ifPresent(inner -> cover(inner, layers - 1, covered));
            decoded.withoutBackslashes().ifPresent(inner -> cover(inner, layers - 1, covered));
        }
    }

    /** Replaces each covered stretch as a whole: of two secrets that overlap no part is left. */
    private static String replaced(String text, BitSet covered) {
        StringBuilder out = new StringBuilder(text.length());
        int copied = 0;
        for (int from = covered.nextSetBit(0); from >= 0; from = covered.nextSetBit(copied)) {
            out.append(text, copied, from).append(MARK);
            copied = covered.nextClearBit(from);
        }
        return out.append(text, copied, text.length()).toString();
    }

    private int longestAt(String text, int at) {
        List<String> candidates = patterns.get(start(text, at));
        if (candidates == null) {
            return 0;
        }
        for (String candidate : candidates) {
            if (text.startsWith(candidate, at)) {
                return candidate.length();
            }
        }
        return 0;
    }

    private static long start(String text, int at) {
        return ((long) text.charAt(at) << 32) | ((long) text.charAt(at + 1) << 16) | text.charAt(at + 2);
    }
}
