package io.stackwright.operator.engine.automation;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Version of the Pulumi CLI, without pre-release and build parts. */
record CliVersion(int major, int minor, int patch) implements Comparable<CliVersion> {

    private static final Pattern TEXT = Pattern.compile("v?(\\d{1,6})\\.(\\d{1,6})\\.(\\d{1,6})([-+].*)?");
    private static final Comparator<CliVersion> ORDER = Comparator.comparingInt(CliVersion::major)
            .thenComparingInt(CliVersion::minor)
            .thenComparingInt(CliVersion::patch);

    /** What {@code pulumi version} prints. */
    static Optional<CliVersion> parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(new CliVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3))));
    }

    @Override
    public int compareTo(CliVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
