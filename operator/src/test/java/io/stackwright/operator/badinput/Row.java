package io.stackwright.operator.badinput;

/**
 * One row of the list of bad inputs, or one of the cases that a row names.
 *
 * @param number of the row
 * @param what the input and what is expected of it, in a few words
 */
record Row(int number, String what, Case input) {

    /** Applies the input; all inputs of all rows are there at the same time. */
    @FunctionalInterface
    interface Case {
        Expectation apply(World world) throws Exception;
    }

    /** Waits for what is expected; throws when it is not so. */
    @FunctionalInterface
    interface Expectation {
        void check() throws Exception;
    }

    String displayName() {
        return number + ": " + what;
    }
}
