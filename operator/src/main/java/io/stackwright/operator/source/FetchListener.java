package io.stackwright.operator.source;

import io.stackwright.operator.telemetry.Metrics.SourceKind;
import java.time.Duration;

/** Hears of every fetch, on the thread that fetches: it must return at once and not throw. */
@FunctionalInterface
public interface FetchListener {

    /** A Git repository was asked for something, or another program unpacked for a run; it took so long. */
    void fetched(SourceKind kind, boolean succeeded, Duration took);
}
