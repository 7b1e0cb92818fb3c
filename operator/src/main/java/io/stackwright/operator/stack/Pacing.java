package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.source.HostPace;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.stack.decide.NextStep;
import io.stackwright.operator.stack.decide.Snapshot;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Spreads the runs that nobody waits for, before anything is written for them: retries, so that a thousand failing Stacks
 * do not storm the host of their backend; and verifications, of which a thousand become due at once. Namespaces take
 * turns at either. What a change or a person asked for is never held up.
 */
final class Pacing {

    private static final int RETRIES_AT_ONCE = 20;
    private static final Duration BETWEEN_RETRIES = Duration.ofMillis(200);
    private static final int VERIFICATIONS_AT_ONCE = 2;
    private static final Duration BETWEEN_VERIFICATIONS = Duration.ofSeconds(1);

    private final HostPace retries;
    private final HostPace verifications;

    Pacing(LongSupplier nanoTime) {
        this.retries = new HostPace(RETRIES_AT_ONCE, BETWEEN_RETRIES, nanoTime);
        this.verifications = new HostPace(VERIFICATIONS_AT_ONCE, BETWEEN_VERIFICATIONS, nanoTime);
    }

    /** The step, or a wait in its place. */
    NextStep admit(StackKey stack, NextStep step, Optional<StackIdentity> identity, Snapshot snapshot) {
        if (!(step instanceof NextStep.Start start)) {
            return step;
        }
        List<String> namespace = List.of(stack.namespace());
        FailureStatus failure = snapshot.status().failures();
        if (start.cause() == Cause.Verify) {
            Duration wait = verifications.take("", namespace, stack);
            return wait.isZero() ? step : new NextStep.Deferred(after(wait, snapshot));
        }
        boolean again = failure != null
                && snapshot.requests().isEmpty()
                && failure.nextAttemptAt() != null
                && (start.cause() == Cause.Retry || start.cause() == Cause.Deletion);
        if (again) {
            Duration wait = retries.take(identity.map(Pacing::host).orElse(""), namespace, stack);
            return wait.isZero() ? step : new NextStep.Backoff(failure, after(wait, snapshot));
        }
        return step;
    }

    private static Instant after(Duration wait, Snapshot snapshot) {
        // Statuses have whole seconds.
        return snapshot.now().plusSeconds(wait.plusMillis(999).toSeconds());
    }

    /** Bucket or server of a backend; all of a machine's own directories are one. */
    static String host(StackIdentity identity) {
        try {
            URI uri = URI.create(identity.backend());
            return uri.getAuthority() == null ? uri.getScheme() : uri.getScheme() + "://" + uri.getAuthority();
        } catch (IllegalArgumentException e) {
            return identity.backend();
        }
    }
}
