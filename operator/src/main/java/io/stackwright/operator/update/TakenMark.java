package io.stackwright.operator.update;

import io.stackwright.api.v1alpha1.Update;
import java.util.Map;

/**
 * Tells an Update of a person from a copy of one that was taken up before. A backup that is restored without status brings
 * such copies back, and what they ask for was meant for a moment that has passed: a remedy would speak of creates that
 * nobody has looked at.
 */
public final class TakenMark {

    /** On an Update: its uid, since the operator has taken it up. */
    static final String TAKEN = "stackwright.io/taken";

    private TakenMark() {}

    static void set(Update update) {
        update.getMetadata().getAnnotations().put(TAKEN, update.getMetadata().getUid());
    }

    /** Whether another object than this one was taken up. */
    public static boolean isOfAnother(Update update) {
        Map<String, String> annotations = update.getMetadata().getAnnotations();
        String taken = annotations == null ? null : annotations.get(TAKEN);
        return taken != null && !taken.equals(update.getMetadata().getUid());
    }
}
