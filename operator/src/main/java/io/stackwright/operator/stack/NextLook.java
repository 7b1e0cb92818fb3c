package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.stack.decide.NextStep;
import io.stackwright.operator.stack.decide.Problem;
import io.stackwright.operator.stack.decide.Snapshot;
import io.stackwright.operator.stack.decide.StackConditions;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** When a Stack is looked at again even if nothing happens. */
final class NextLook {

    private static final Duration CLAIM_INTERVAL = Duration.ofMinutes(1);
    private static final Duration MIN_REFUSED_INTERVAL = Duration.ofSeconds(10);
    private static final Duration MAX_REFUSED_INTERVAL = Duration.ofMinutes(2);

    private NextLook() {}

    static Optional<Duration> due(Snapshot snapshot, NextStep step) {
        Instant now = snapshot.now();
        return switch (step) {
            case NextStep.Backoff(var failure, Instant at) -> Optional.of(atLeastASecond(Duration.between(now, at)));
            case NextStep.Deferred(Instant at) -> Optional.of(atLeastASecond(Duration.between(now, at)));
            case NextStep.Settled settled
            when settled.away().isPresent() && now.isBefore(tolerated(settled)) ->
                Optional.of(atLeastASecond(Duration.between(now, tolerated(settled))));
            case NextStep.Await(Problem problem)
            when problem.reason() == Reason.ApiRefused -> Optional.of(refusedInterval(snapshot));
            // Nobody tells this Stack when the other one is gone.
            case NextStep.Stall stall
            when stall.problem().reason() == Reason.IdentityClaimed -> Optional.of(CLAIM_INTERVAL);
            case NextStep.AwaitProof proof -> Optional.of(Duration.ofSeconds(5));
            default -> Optional.empty();
        };
    }

    static Optional<Duration> sooner(Optional<Duration> one, Optional<Duration> other) {
        return Stream.concat(one.stream(), other.stream()).min(Comparator.naturalOrder());
    }

    /** Nobody tells when it is allowed: the longer it has been refused, the more seldom it is tried. */
    private static Duration refusedInterval(Snapshot snapshot) {
        Duration refused = snapshot.status()
                // While it is deleted, Ready tells of that alone.
                .condition(snapshot.deletion().isPresent() ? Condition.RECONCILING : Condition.READY)
                .filter(ready -> Reason.ApiRefused.name().equals(ready.reason()))
                .map(ready -> Duration.between(Instant.parse(ready.lastTransitionTime()), snapshot.now()))
                .orElse(Duration.ZERO);
        if (refused.compareTo(MIN_REFUSED_INTERVAL) < 0) {
            return MIN_REFUSED_INTERVAL;
        }
        return refused.compareTo(MAX_REFUSED_INTERVAL) < 0 ? refused : MAX_REFUSED_INTERVAL;
    }

    private static Instant tolerated(NextStep.Settled settled) {
        return settled.awaySince().plus(StackConditions.AWAY_TOLERANCE);
    }

    private static Duration atLeastASecond(Duration duration) {
        return duration.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : duration;
    }
}
