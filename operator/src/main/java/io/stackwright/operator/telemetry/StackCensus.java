package io.stackwright.operator.telemetry;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * How all Stacks are at one moment.
 *
 * @param states how many are in which state, each in one
 * @param backingOff how many wait for another attempt after a failure
 * @param locked how many found their Pulumi stack locked by somebody else, and wait for another attempt or have begun it
 * @param oldestFailure for how long the one that has failed the longest had done so, when its next attempt began if it
 *     has; zero for none
 * @param oldestUpdate how long ago the longest of the Updates that are not over was handed over; zero for none
 */
public record StackCensus(
        Map<State, Integer> states, int backingOff, int locked, Duration oldestFailure, Duration oldestUpdate) {

    /** Of no Stacks. */
    public static final StackCensus NONE = new StackCensus(Map.of(), 0, 0, Duration.ZERO, Duration.ZERO);

    public StackCensus {
        states = states.isEmpty() ? Map.of() : new EnumMap<>(states);
    }

    /** How many are in that state. */
    public int in(State state) {
        return states.getOrDefault(state, 0);
    }

    /** What a Stack counts as: the first that is so. */
    public enum State {
        Stalled,
        Deleting,
        Suspended,
        Reconciling,
        Ready
    }
}
