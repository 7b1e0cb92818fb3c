package io.stackwright.operator.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The part of what the CLI said that helps a person, at most 4 KiB. */
final class FailureMessage {

    static final int LIMIT = 4096;

    /** The engine's own conclusions, which follow the error that matters. */
    private static final Pattern NOISE = Pattern.compile(
            "(update|preview|refresh|destroy|deployment) (failed|canceled|cancelled)|.*: no diagnostics|no diagnostics",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern BLANK_LINES = Pattern.compile("\n\\s*\n+");

    private FailureMessage() {}

    static String of(String stderr, List<String> errors) {
        List<String> texts = new ArrayList<>();
        for (String error : errors) {
            texts.add(tidy(error));
        }
        for (String line : cliErrors(stderr)) {
            texts.add(tidy(line));
        }
        List<String> telling = texts.stream()
                .filter(text -> !text.isEmpty() && !NOISE.matcher(text).matches())
                .distinct()
                .toList();
        List<String> chosen = telling.isEmpty()
                ? texts.stream().filter(text -> !text.isEmpty()).distinct().toList()
                : telling;
        return bounded(withoutEchoes(String.join("\n", chosen)));
    }

    /** What follows the first {@code error: }; all of it when the CLI did not use its own form. */
    private static List<String> cliErrors(String stderr) {
        int start = stderr.startsWith("error: ") ? 0 : stderr.indexOf("\nerror: ") + 1;
        if (start == 0 && !stderr.startsWith("error: ")) {
            return List.of(stderr);
        }
        return List.of(stderr.substring(start).split("(^|\n)error: "));
    }

    /** Errors that are handed up through layers end up as lines that repeat the end of the one before. */
    private static String withoutEchoes(String text) {
        List<String> lines = new ArrayList<>();
        for (String line : text.split("\n")) {
            if (lines.isEmpty() || line.isBlank() || !lines.getLast().endsWith(line)) {
                lines.add(line);
            }
        }
        return String.join("\n", lines);
    }

    private static String tidy(String text) {
        return BLANK_LINES.matcher(text.strip()).replaceAll("\n");
    }

    /** Keeps both ends: the beginning names the error, the end of a stack trace its cause. */
    static String bounded(String text) {
        if (text.length() <= LIMIT) {
            return text;
        }
        String cut = "\n[...]\n";
        int half = (LIMIT - cut.length()) / 2;
        return text.substring(0, half) + cut + text.substring(text.length() - half);
    }
}
