package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Annotations;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.runner.StateGuard;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Annotations on a Stack that ask for something once: any new value is a new request. */
final class Requests {

    /** Run now, whatever the fingerprint and the backoff say. */
    static final String RECONCILE = Annotations.RECONCILE;

    /** The same, in Flux' words. */
    static final String FLUX_RECONCILE = Annotations.FLUX_RECONCILE;

    /** Longer values, up to the 256 KiB of all annotations, are remembered by their digest: a status is small. */
    private static final int LONGEST_ECHO = 256;

    /** Create anew what a lost state knew of. */
    static final String RECREATE = Annotations.RECREATE;

    /** A person's word that a lock, or a run that nothing can be seen of, is dead: id of the lock, uid of the Update. */
    static final String UNLOCK = Annotations.UNLOCK;

    /** Those that a run answers, whatever it comes to. */
    static final Set<String> RUNS = Set.of(RECONCILE, FLUX_RECONCILE, Annotations.RECREATE);

    /** On an Update: stop it. */
    static final String CANCEL = Annotations.CANCEL;

    private Requests() {}

    /** Whether a person wants the Update to be stopped, or not to be started. */
    static boolean isCancelled(Update update) {
        Map<String, String> annotations = update.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(CANCEL));
    }

    /** Value of the annotation with which a person gives up on destroying. */
    static Optional<String> abandon(Stack stack) {
        return Optional.ofNullable(stack.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Annotations.ABANDON));
    }

    /**
     * A person's word that a lock or a run is dead. It holds as long as it stands, also after a run that came to nothing:
     * no other lock or run ever has that id, also where the annotation comes back with a backup or from Git.
     */
    static Optional<String> unlock(Stack stack) {
        return Optional.ofNullable(stack.getMetadata().getAnnotations()).map(annotations -> annotations.get(UNLOCK));
    }

    /**
     * Whether a person says that the resources of a lost state are to be created anew. The value names the loss, so that
     * a copy of the annotation says nothing of a later one, nor of another Stack's. It holds until a run has come to an
     * end: one that never started, or was cut short, may not even have made the Pulumi stack.
     *
     * @param status with the ends that are known by now
     */
    static boolean recreates(Stack stack, StackStatus status) {
        Map<String, String> annotations = stack.getMetadata().getAnnotations();
        String loss = annotations == null ? null : annotations.get(RECREATE);
        return loss != null && isOfThisLoss(loss, stack, status);
    }

    private static boolean isOfThisLoss(String value, Stack stack, StackStatus status) {
        StackStatus.FailureStatus failure = status == null ? null : status.failures();
        return failure != null
                && Reason.StateMissing.name().equals(failure.reason())
                && value.equals(
                        StateGuard.loss(failure.update(), stack.getMetadata().getUid()));
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
        if (recreate != null && !recreate.equals(handled.get(RECREATE)) && isOfThisLoss(recreate, stack, status)) {
            open.put(RECREATE, recreate);
        }
        return open;
    }

    /** Requests that have not been taken up, in one text that no other ones have; empty without any. */
    static Optional<String> asked(Stack stack) {
        return Optional.of(open(stack)).filter(open -> !open.isEmpty()).map(open -> new TreeMap<>(open).toString());
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
