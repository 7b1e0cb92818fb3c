package io.stackwright.operator.stack;

import io.stackwright.operator.execution.Executor;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunState;

/**
 * Stands for an executor that says the same of every run, and is asked for nothing else.
 *
 * @param state what it says
 */
record Answers(RunState state) implements Executor {

    @Override
    public RunState state(String namespace, String update, String updateUid) {
        return state;
    }

    @Override
    public void submit(RunRequest request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean withdraw(String updateUid) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void gone(String updateUid) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void cancel(String updateUid) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void acknowledge(String updateUid) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
