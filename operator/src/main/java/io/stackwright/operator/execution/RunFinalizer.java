package io.stackwright.operator.execution;

import io.stackwright.api.v1alpha1.Update;

/**
 * Our finalizer of an Update: as long as it is on, somebody is to take the end of its run. Whoever may change the Update can
 * take it off.
 */
public final class RunFinalizer {

    public static final String NAME = "stackwright.io/run";

    private RunFinalizer() {}

    public static boolean isOn(Update update) {
        return update.getMetadata().getFinalizers().contains(NAME);
    }
}
