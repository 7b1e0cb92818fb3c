package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.util.List;

/**
 * Runs a reconciler inside a {@link ReconcileGuard}. Registered as an anonymous subclass, because the framework reads
 * the kind from the type argument of its superclass: {@code new GuardedReconciler<Update>(reconciler, guard) {}}.
 * The name must then be given, see {@link ControllerDefaults}.
 *
 * @param <P> the kind
 */
public abstract class GuardedReconciler<P extends HasMetadata> implements Reconciler<P> {

    private final Reconciler<P> reconciler;
    private final ReconcileGuard guard;

    protected GuardedReconciler(Reconciler<P> reconciler, ReconcileGuard guard) {
        this.reconciler = reconciler;
        this.guard = guard;
    }

    @Override
    public final UpdateControl<P> reconcile(P resource, Context<P> context) {
        return guard.call(resource, () -> reconciler.reconcile(resource, context), UpdateControl.noUpdate());
    }

    @Override
    public final List<EventSource<?, P>> prepareEventSources(EventSourceContext<P> context) {
        String finalizer = context.getControllerConfiguration().getFinalizerName();
        guard.watch(id -> context.getPrimaryCache()
                .get(id)
                .filter(object -> !object.isMarkedForDeletion() || object.hasFinalizer(finalizer))
                .isPresent());
        return reconciler.prepareEventSources(context);
    }

    @Override
    public final ErrorStatusUpdateControl<P> updateErrorStatus(P resource, Context<P> context, Exception failure) {
        return guard.call(resource, () -> reconciler.updateErrorStatus(resource, context, failure));
    }
}
