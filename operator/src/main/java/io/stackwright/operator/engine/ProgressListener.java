package io.stackwright.operator.engine;

import io.stackwright.api.v1alpha1.RunStatus;

/** Hears how far an operation is, on the engine's thread: it must return at once and not throw. */
@FunctionalInterface
public interface ProgressListener {

    void progress(RunStatus.Progress progress, RunStatus.Changes changes);
}
