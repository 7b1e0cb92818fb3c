package io.stackwright.operator;

import java.io.IOException;

/**
 * The operator as a process of a test: it ends, and what it has started with it, when the test's JVM does, however that
 * happens. Its standard input is a pipe of that JVM, which nobody writes to.
 */
public final class ChildOperator {

    private static final int SIGKILL_EXIT = 137;

    private ChildOperator() {}

    public static void main(String[] args) {
        Thread.ofPlatform().daemon().name("parent").start(ChildOperator::awaitParent);
        OperatorMain.main(args);
    }

    private static void awaitParent() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is said here; only the end counts.
            }
        } catch (IOException e) {
            // That is an end too.
        }
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        Runtime.getRuntime().halt(SIGKILL_EXIT);
    }
}
