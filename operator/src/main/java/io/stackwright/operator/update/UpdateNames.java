package io.stackwright.operator.update;

import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Names of the operator's Updates: {@code <stack>-<n>}. People's Updates may be called so too, with any number: what is
 * beyond those that we give counts for nothing, so that a name stays short enough and is understood again.
 */
final class UpdateNames {

    private static final long LARGEST = 999_999_999;

    private UpdateNames() {}

    /** The number after the largest one in use or remembered; where that is the last one, the first that is free. */
    static long next(String stack, Optional<String> last, Collection<String> existing) {
        long remembered = last.map(name -> number(stack, name).orElse(0)).orElse(0L);
        long largest = remembered;
        for (String name : existing) {
            largest = Math.max(largest, number(stack, name).orElse(0));
        }
        if (largest < LARGEST) {
            return largest + 1;
        }
        long free = remembered % LARGEST + 1;
        while (existing.contains(of(stack, free))) {
            free++;
        }
        return free;
    }

    static String of(String stack, long number) {
        return stack + "-" + number;
    }

    private static OptionalLong number(String stack, String name) {
        String prefix = stack + "-";
        if (!name.startsWith(prefix)) {
            return OptionalLong.empty();
        }
        String digits = name.substring(prefix.length());
        return digits.matches("[1-9][0-9]{0,8}") ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }
}
