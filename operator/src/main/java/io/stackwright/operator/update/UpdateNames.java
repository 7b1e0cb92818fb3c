package io.stackwright.operator.update;

import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;

/** Names of the operator's Updates: {@code <stack>-<n>}. */
final class UpdateNames {

    private UpdateNames() {}

    /** The number after the largest one in use or remembered. */
    static long next(String stack, Optional<String> last, Collection<String> existing) {
        long largest = last.map(name -> number(stack, name).orElse(0)).orElse(0L);
        for (String name : existing) {
            largest = Math.max(largest, number(stack, name).orElse(0));
        }
        return largest + 1;
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
        return digits.matches("[1-9][0-9]{0,14}") ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }
}
