package io.stackwright.operator.kube;

/** Hears about every run of a reconciler, on its thread. */
@FunctionalInterface
public interface ReconcileListener {

    /**
     * @param controller which one
     * @param succeeded false when it is tried again
     */
    void reconciled(String controller, boolean succeeded);
}
