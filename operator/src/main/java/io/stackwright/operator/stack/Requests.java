package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.execution.runner.StateGuard;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Annotations on a Stack that ask for something once: any new value is a new request. */
final class Requests {

    /** Run now, whatever the fingerprint and the backoff say. */
    static final String RECONCILE = "stackwright.io/reconcile";

    /** The same, in Flux' words. */
    static final String FLUX_RECONCILE = "reconcile.fluxcd.io/requestedAt";

    /** Create anew what a lost state knew of. */
    static final String RECREATE = StateGuard.RECREATE;

    private Requests() {}

    /**
     * Whether a person says that the resources of a lost state are to be created anew. The value is the Update that found
     * the state missing, so that a copy of the annotation says nothing of a later loss.
     */
    static boolean recreates(Stack stack) {
        return open(stack).containsKey(RECREATE);
    }

    private static boolean isOfThisLoss(String value, StackStatus status) {
        StackStatus.FailureStatus failure = status == null ? null : status.failures();
        return failure != null && Reason.StateMissing.name().equals(failure.reason()) && value.equals(failure.update());
    }

    /** Requests that have not been taken up. */
    static Map<String, String> open(Stack stack) {
        Map<String, String> annotations = stack.getMetadata().getAnnotations();
        if (annotations == null) {
            return Map.of();
        }
        StackStatus status = stack.getStatus();
        Map<String, String> handled = status == null || status.handled() == null ? Map.of() : status.handled();
        Map<String, String> open = new HashMap<>();
        for (String name : List.of(RECONCILE, FLUX_RECONCILE)) {
            String value = annotations.get(name);
            if (value != null && !value.equals(handled.get(name))) {
                open.put(name, value);
            }
        }
        String recreate = annotations.get(RECREATE);
        if (recreate != null && !recreate.equals(handled.get(RECREATE)) && isOfThisLoss(recreate, status)) {
            open.put(RECREATE, recreate);
        }
        return open;
    }
}
