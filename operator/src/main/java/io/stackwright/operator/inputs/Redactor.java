package io.stackwright.operator.inputs;

import java.util.ArrayList;
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
 * the API see it. Passes over the text once, whatever the number of secrets.
 */
public final class Redactor {

    /** What stands in place of a secret. */
    public static final String MARK = "[secret]";

    /** Shorter ones would make any text unreadable, and can be guessed anyway. */
    private static final int SHORTEST = 3;

    private static final Pattern ANSI =
            Pattern.compile("\u001B(?:\\[[0-?]*+[ -/]*+[@-~]|\\][^\u0007\u001B]*+(?:\u0007|\u001B\\\\)?|[ -/]*+[0-~])");
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\u2028\u2029&&[^\n\t]]");

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
        return cover(strip(text));
    }

    private static String strip(String text) {
        return CONTROL.matcher(ANSI.matcher(text).replaceAll("")).replaceAll("");
    }

    /**
     * Marks what any secret covers, then replaces each covered stretch as a whole: of two secrets that overlap no part
     * is left.
     */
    private String cover(String text) {
        if (patterns.isEmpty()) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        int copied = 0;
        int from = -1;
        int until = -1;
        for (int at = 0; at <= text.length() - SHORTEST; at++) {
            int end = at + longestAt(text, at);
            if (end == at) {
                continue;
            }
            if (at > until) {
                copied = replace(text, out, copied, from, until);
                from = at;
            }
            until = Math.max(until, end);
        }
        copied = replace(text, out, copied, from, until);
        return out.append(text, copied, text.length()).toString();
    }

    private static int replace(String text, StringBuilder out, int copied, int from, int until) {
        if (from < 0) {
            return copied;
        }
        out.append(text, copied, from).append(MARK);
        return until;
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
