package io.stackwright.operator.http;

import java.util.Optional;

/** One condition of being alive or ready; asked at every probe, on any thread, so it must be cheap. */
@FunctionalInterface
public interface Probe {

    /** What is wrong, in one line without secrets; empty when all is well. */
    Optional<String> failure();
}
