package io.stackwright.operator.stack.decide;

import io.stackwright.api.v1alpha1.Annotations;
import io.stackwright.api.v1alpha1.DeletionPolicy;
import java.util.Optional;

/**
 * That a Stack is being deleted, and how.
 *
 * @param policy what is to become of the resources
 * @param uid of the Stack
 * @param abandon value of the annotation {@link Annotations#ABANDON}, whatever it is
 * @param fingerprint over what a destroy would be done with
 * @param traces whether Updates tell of runs that may have left something, whatever the status says
 */
public record Deletion(
        DeletionPolicy policy, String uid, Optional<String> abandon, String fingerprint, boolean traces) {

    /** Whether a person has given up; the uid makes a copy of the annotation, kept in Git, harmless later. */
    public boolean isAbandoned() {
        return abandon.filter(uid::equals).isPresent();
    }

    /** What a person can do when nothing else helps. */
    String lastResort() {
        return abandon.isEmpty() || isAbandoned()
                ? "As a last resort the resources can be given up, left as they are: annotate the Stack with "
                        + Annotations.ABANDON + "=" + uid
                : "The annotation " + Annotations.ABANDON
                        + " is of another object; to give this one's resources up, its value must" + " be " + uid;
    }
}
