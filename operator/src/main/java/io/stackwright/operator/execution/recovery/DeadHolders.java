package io.stackwright.operator.execution.recovery;

import java.time.Instant;
import java.util.Optional;

/** Earlier runs that are proven dead, and of which nothing but a host name is left. */
@FunctionalInterface
public interface DeadHolders {

    /** Nothing is known of any. */
    DeadHolders NONE = (host, since) -> Optional.empty();

    /**
     * The Update whose dead run held a lock.
     *
     * @param host where the lock was taken
     * @param since when
     */
    Optional<String> heldBy(String host, Instant since);
}
