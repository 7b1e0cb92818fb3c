package io.stackwright.operator.campaign;

import io.stackwright.api.v1alpha1.Reason;

/**
 * One thing that is done to one property of a Stack that is well.
 *
 * @param leaf the property, as {@link Schema} names it
 * @param what is done: change, delete, empty, boundary, or what it means
 * @param patch JSON merge patch of the spec, in YAML; {@code $NAME}, {@code $RANDOM} and the like are filled in
 * @param outcome what comes of it
 * @param then what else the case does
 */
record Case(String leaf, String what, String patch, Outcome outcome, Then then) {

    /** What comes of a case. */
    sealed interface Outcome {

        /** It is applied, and shows where the model says. */
        record Good() implements Outcome {}

        /** Waits for a person, who puts the spec back. */
        record Stalls(Reason reason) implements Outcome {}

        /** Goes on by itself, for this reason not Ready. */
        record Waits(Reason reason) implements Outcome {}

        /** Not Ready, and at rest. */
        record Rests(Reason reason) implements Outcome {}

        /** The API server does not take it, and names this field. */
        record Refused(String field) implements Outcome {}
    }

    /** What a good case does afterwards. */
    enum Then {
        /** The spec stays so for the cases that follow. */
        STAY,
        /** The spec is put back: later cases do not expect this. */
        PUT_BACK,
        /** A run is asked for, which shows what the property means to it. */
        RUN
    }

    static Case good(String leaf, String what, String patch) {
        return new Case(leaf, what, patch, new Outcome.Good(), Then.STAY);
    }

    static Case stalls(String leaf, String what, String patch, Reason reason) {
        return new Case(leaf, what, patch, new Outcome.Stalls(reason), Then.STAY);
    }

    static Case waits(String leaf, String what, String patch, Reason reason) {
        return new Case(leaf, what, patch, new Outcome.Waits(reason), Then.STAY);
    }

    static Case rests(String leaf, String what, String patch, Reason reason) {
        return new Case(leaf, what, patch, new Outcome.Rests(reason), Then.STAY);
    }

    static Case refused(String leaf, String what, String patch, String field) {
        return new Case(leaf, what, patch, new Outcome.Refused(field), Then.STAY);
    }

    Case putBack() {
        return new Case(leaf, what, patch, outcome, Then.PUT_BACK);
    }

    Case thenRun() {
        return new Case(leaf, what, patch, outcome, Then.RUN);
    }

    @Override
    public String toString() {
        return leaf + " " + what;
    }
}
