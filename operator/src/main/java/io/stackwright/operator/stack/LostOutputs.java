package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.telemetry.EventRecorder;
import java.util.function.BiPredicate;

/** Notices that somebody has deleted the Secret in which a Stack's outputs are published. */
final class LostOutputs {

    private final BiPredicate<String, String> exists;
    private final EventRecorder events;

    /** @param exists asks the API server for a Secret, by namespace and name */
    LostOutputs(BiPredicate<String, String> exists, EventRecorder events) {
        this.exists = exists;
        this.events = events;
    }

    /**
     * Has an up follow, which publishes the outputs anew. Where one is due in any case nothing is looked at, and where the
     * watch knows the Secret nobody is asked; one that was made a moment ago it may not know yet.
     */
    void notice(StatusDraft draft, Stack stack, StackDirectory directory) {
        String namespace = stack.getMetadata().getNamespace();
        String name = draft.status().outputsSecret();
        StackStatus.AppliedStatus applied = draft.status().applied();
        boolean published = name != null && applied != null && applied.fingerprint() != null;
        boolean leaving = stack.getMetadata().getDeletionTimestamp() != null;
        if (!published || leaving || directory.hasSecret(namespace, name) || exists.test(namespace, name)) {
            return;
        }
        OutcomeRecorder.applyAnew(draft);
        events.normal(
                stack,
                Reason.Progressing.name(),
                "Reconcile",
                "Secret `" + name + "` with the outputs is gone; an up makes it anew");
    }
}
