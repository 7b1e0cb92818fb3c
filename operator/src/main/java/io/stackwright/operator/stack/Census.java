package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.CurrentStatus;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import io.stackwright.operator.telemetry.StackCensus;
import io.stackwright.operator.telemetry.StackCensus.State;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/** Counts Stacks by what their status says. */
final class Census {

    /** How long an attempt may take to find the lock: one that goes on for longer most likely holds it itself. */
    private static final Duration LOCK_FOUND_WITHIN = Duration.ofMinutes(15);

    private final Instant now;
    private final Map<State, Integer> states = new EnumMap<>(State.class);
    private int backingOff;
    private int locked;
    private Duration oldestFailure = Duration.ZERO;
    private Duration oldestUpdate = Duration.ZERO;

    private Census(Instant now) {
        this.now = now;
    }

    static StackCensus of(Stream<Stack> stacks, Instant now) {
        Census census = new Census(now);
        stacks.forEach(census::add);
        return new StackCensus(
                census.states, census.backingOff, census.locked, census.oldestFailure, census.oldestUpdate);
    }

    private void add(Stack stack) {
        StackStatus status = stack.getStatus() == null ? StackStatus.empty() : stack.getStatus();
        states.merge(state(stack, status), 1, Integer::sum);
        CurrentStatus current = status.current();
        FailureStatus failure = status.failures();
        if (current != null) {
            oldestUpdate = longer(oldestUpdate, age(current.startedAt()));
        }
        if (failure != null && failure.nextAttemptAt() != null) {
            failing(failure, current);
        }
    }

    /**
     * What has failed is not well again because another attempt has begun: only its end shows that. Nor does it fail for
     * longer because that attempt takes long.
     */
    private void failing(FailureStatus failure, CurrentStatus attempt) {
        Duration lasts = attempt == null ? Duration.ZERO : age(attempt.startedAt());
        backingOff += attempt == null ? 1 : 0;
        boolean isLocked = Reason.Locked.name().equals(failure.reason()) && lasts.compareTo(LOCK_FOUND_WITHIN) < 0;
        locked += isLocked ? 1 : 0;
        oldestFailure = longer(oldestFailure, age(failure.since()).minus(lasts));
    }

    private static State state(Stack stack, StackStatus status) {
        if (is(status, Condition.STALLED)) {
            return State.Stalled;
        }
        if (stack.getMetadata().getDeletionTimestamp() != null) {
            return State.Deleting;
        }
        if (stack.getSpec() != null && Boolean.TRUE.equals(stack.getSpec().suspend())) {
            return State.Suspended;
        }
        // One that nobody has looked at yet has no conditions.
        return is(status, Condition.READY) && !is(status, Condition.RECONCILING) ? State.Ready : State.Reconciling;
    }

    private static boolean is(StackStatus status, String condition) {
        return status.condition(condition).filter(c -> c.isTrue(condition)).isPresent();
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** Whatever stands in a status must not keep the metrics from being read. */
    private Duration age(String since) {
        try {
            return since == null ? Duration.ZERO : Duration.between(Instant.parse(since), now);
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }
}
