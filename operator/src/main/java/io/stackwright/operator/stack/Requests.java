package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Annotations on a Stack that ask for something once: any new value is a new request. */
final class Requests {

    /** Run now, whatever the fingerprint and the backoff say. */
    static final String RECONCILE = "stackwright.io/reconcile";

    /** The same, in Flux' words. */
    static final String FLUX_RECONCILE = "reconcile.fluxcd.io/requestedAt";

    /** A person's word that a lock, or a run that nothing can be seen of, is dead: id of the lock, name of the Update. */
    static final String UNLOCK = "stackwright.io/unlock";

    private Requests() {}

    /** The word that has not been taken up. */
    static Optional<String> unlock(Stack stack) {
        return Optional.ofNullable(open(stack).get(UNLOCK));
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
        for (String name : List.of(RECONCILE, FLUX_RECONCILE, UNLOCK)) {
            String value = annotations.get(name);
            if (value != null && !value.equals(handled.get(name))) {
                open.put(name, value);
            }
        }
        return open;
    }
}
