package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;

/**
 * A {@link GuardedReconciler} for one that also cleans up: the framework then keeps a finalizer on every object.
 *
 * @param <P> the kind
 */
public abstract class GuardedCleaner<P extends HasMetadata> extends GuardedReconciler<P> implements Cleaner<P> {

    private final Cleaner<P> cleaner;
    private final ReconcileGuard guard;

    /** The reconciler and the cleaner are usually one object. */
    protected GuardedCleaner(Reconciler<P> reconciler, Cleaner<P> cleaner, ReconcileGuard guard) {
        super(reconciler, guard);
        this.cleaner = cleaner;
        this.guard = guard;
    }

    @Override
    public final DeleteControl cleanup(P resource, Context<P> context) {
        return guard.call(resource, () -> cleaner.cleanup(resource, context), DeleteControl.noFinalizerRemoval());
    }
}
