package io.stackwright.operator.settings;

import io.stackwright.api.v1alpha1.Durations;
import io.stackwright.api.v1alpha1.ExecutionSpec;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text of one setting to its value; every method throws {@link IllegalArgumentException} when it is not allowed. */
final class ValueParsers {

    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern OBJECT = Pattern.compile("[a-z0-9]([a-z0-9.-]*[a-z0-9])?");
    private static final Pattern HOST = Pattern.compile(
            "[a-z0-9]([a-z0-9-]{0,62})(\\.[a-z0-9]([a-z0-9-]{0,62}))*|[a-z0-9]|[0-9a-f:.]*:[0-9a-f:.]*");
    private static final Pattern IMAGE = Pattern.compile(ExecutionSpec.IMAGE_PATTERN);
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})(Ki|Mi|Gi)?");
    private static final Set<String> LEVELS = Set.of("error", "warn", "info", "debug", "trace");
    private static final Set<String> PULL_POLICIES = Set.of("Always", "IfNotPresent", "Never");
    private static final long MIN_SIZE = 1024L;
    private static final long MAX_SIZE = 16L << 30;

    private ValueParsers() {}

    static Path path(String text) {
        require(!text.isBlank());
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static String namespace(String text) {
        require(NAMESPACE.matcher(text).matches());
        return text;
    }

    static String objectName(String text) {
        require(text.length() <= 253 && OBJECT.matcher(text).matches());
        return text;
    }

    static boolean bool(String text) {
        require(text.equals("true") || text.equals("false"));
        return text.equals("true");
    }

    /** Whether operations run as Jobs. */
    static boolean isJob(String text) {
        require(text.equals("Embedded") || text.equals("Job"));
        return text.equals("Job");
    }

    static String image(String text) {
        require(text.length() <= 512 && IMAGE.matcher(text).matches());
        return text;
    }

    static String pullPolicy(String text) {
        require(PULL_POLICIES.contains(text));
        return text;
    }

    static Set<String> namespaces(String text) {
        return list(text, entry -> NAMESPACE.matcher(entry).matches());
    }

    static Set<String> hosts(String text) {
        return list(text.toLowerCase(Locale.ROOT), entry -> HOST.matcher(entry).matches());
    }

    static int number(String text, int min, int max) {
        int number = Integer.parseInt(text);
        require(number >= min && number <= max);
        return number;
    }

    static String command(String text) {
        require(!text.isBlank());
        require(text.indexOf('/') < 0 || text.startsWith("/"));
        return text;
    }

    static long size(String text) {
        Matcher matcher = SIZE.matcher(text);
        require(matcher.matches());
        int shift = switch (matcher.group(2)) {
            case "Ki" -> 10;
            case "Mi" -> 20;
            case "Gi" -> 30;
            case null, default -> 0;
        };
        long number = Long.parseLong(matcher.group(1));
        require(number <= MAX_SIZE >> shift);
        long size = number << shift;
        require(size >= MIN_SIZE);
        return size;
    }

    static Duration duration(String text, Duration min, Duration max) {
        Duration duration = Durations.parse(text);
        require(duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0);
        return duration;
    }

    static OperatorSettings.LogFormat logFormat(String text) {
        return switch (text) {
            case "json" -> OperatorSettings.LogFormat.JSON;
            case "text" -> OperatorSettings.LogFormat.TEXT;
            default -> throw new IllegalArgumentException();
        };
    }

    static String logLevel(String text) {
        require(LEVELS.contains(text));
        return text;
    }

    private static Set<String> list(String text, Predicate<String> allowed) {
        Set<String> entries = new LinkedHashSet<>();
        if (text.isBlank()) {
            return entries;
        }
        for (String entry : text.split(",", -1)) {
            require(allowed.test(entry.strip()));
            entries.add(entry.strip());
        }
        return entries;
    }

    static void require(boolean allowed) {
        if (!allowed) {
            throw new IllegalArgumentException();
        }
    }
}
