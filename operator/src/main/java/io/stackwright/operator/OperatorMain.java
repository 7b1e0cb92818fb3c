package io.stackwright.operator;

/** Starts the operator. */
public final class OperatorMain {

    private OperatorMain() {}

    public static void main(String[] args) {
        throw new UnsupportedOperationException("not wired yet");
    }
}
