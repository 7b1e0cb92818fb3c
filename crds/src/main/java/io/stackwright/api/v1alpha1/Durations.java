package io.stackwright.api.v1alpha1;

import java.time.Duration;
import java.util.regex.Matcher;

/** The notation of durations in this API: {@code 90s}, {@code 5m}, {@code 1h30m}. */
public final class Durations {

    /** Schema pattern: hours, minutes, seconds in this order, at least one of them. */
    public static final String PATTERN =
            "^([0-9]{1,5}h([0-9]{1,5}m)?([0-9]{1,7}s)?|[0-9]{1,5}m([0-9]{1,7}s)?|[0-9]{1,7}s)$";

    // What PATTERN says, but with one group for each unit; Go's regular expressions, which the API server uses, have
    // no lookahead to say "not empty" with.
    private static final java.util.regex.Pattern NOTATION =
            java.util.regex.Pattern.compile("(?:([0-9]{1,5})h)?(?:([0-9]{1,5})m)?(?:([0-9]{1,7})s)?");

    private Durations() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException when the text has another shape or is empty
     */
    public static Duration parse(String text) {
        Matcher matcher = NOTATION.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a duration like 90s, 5m or 1h30m");
        }
        return Duration.ofHours(number(matcher.group(1)))
                .plusMinutes(number(matcher.group(2)))
                .plusSeconds(number(matcher.group(3)));
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
