package io.stackwright.operator.source;

import io.stackwright.operator.settings.OperatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * Where sources are kept, and what may be fetched.
 *
 * @param dataDirectory repositories are kept in it
 * @param allowedHosts hosts exempt from the block on loopback, link-local and metadata addresses
 * @param maxBytes largest size of a fetched source
 * @param timeout longest time of one look at, or fetch of, a source
 */
public record SourceLimits(Path dataDirectory, Set<String> allowedHosts, long maxBytes, Duration timeout) {

    /** As the operator's settings have them. */
    public static SourceLimits of(OperatorSettings settings) {
        return new SourceLimits(
                settings.dataDirectory(),
                settings.sourceAllowedHosts(),
                settings.sourceMaxBytes(),
                settings.sourceTimeout());
    }
}
