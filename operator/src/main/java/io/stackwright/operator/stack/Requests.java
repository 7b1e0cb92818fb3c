package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.runner.StateGuard;
import io.stackwright.operator.stack.decide.Deletion;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Annotations on a Stack that ask for something once: any new value is a new request. */
final class Requests {

    /** Run now, whatever the fingerprint and the backoff say. */
    static final String RECONCILE = "stackwright.io/reconcile";

    /** The same, in Flux' words. */
    static final String FLUX_RECONCILE = "reconcile.fluxcd.io/requestedAt";

    /** Longer values, up to the 256 KiB of all annotations, are remembered by their digest: a status is small. */
    private static final int LONGEST_ECHO = 256;

    /** Create anew what a lost state knew of. */
    static final String RECREATE = StateGuard.RECREATE;

    /** A person's word that a lock, or a run that nothing can be seen of, is dead: id of the lock, name of the Update. */
    static final String UNLOCK = "stackwright.io/unlock";

    /** On an Update: stop it. */
    static final String CANCEL = "stackwright.io/cancel";

    private Requests() {}

    /** Whether a person wants the Update to be stopped, or not to be started. */
    static boolean isCancelled(Update update) {
        Map<String, String> annotations = update.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(CANCEL));
    }

    /** Value of the annotation with which a person gives up on destroying. */
    static Optional<String> abandon(Stack stack) {
        return Optional.ofNullable(stack.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Deletion.ABANDON));
    }

    /** The word that has not been taken up. */
    static Optional<String> unlock(Stack stack) {
        return Optional.ofNullable(open(stack).get(UNLOCK));
    }

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
        for (String name : List.of(RECONCILE, FLUX_RECONCILE, UNLOCK)) {
            String value = annotations.get(name);
            if (value != null && !echo(value).equals(handled.get(name))) {
                open.put(name, echo(value));
            }
        }
        String recreate = annotations.get(RECREATE);
        if (recreate != null && !recreate.equals(handled.get(RECREATE)) && isOfThisLoss(recreate, status)) {
            open.put(RECREATE, recreate);
        }
        return open;
    }

    private static String echo(String value) {
        if (value.length() <= LONGEST_ECHO) {
            return value;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
