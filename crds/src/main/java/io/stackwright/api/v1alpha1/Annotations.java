package io.stackwright.api.v1alpha1;

/** Annotations with which people and tools ask for something, and what the operator tells them by one. */
public final class Annotations {

    /** On a Stack: run now, whatever the fingerprint and the backoff say. Any new value is a new request. */
    public static final String RECONCILE = "stackwright.io/reconcile";

    /** The same, in Flux' words. */
    public static final String FLUX_RECONCILE = "reconcile.fluxcd.io/requestedAt";

    /** On a Stack: a person's word that a lock, or a run that nothing can be seen of, is dead. Its id, or the Update's uid. */
    public static final String UNLOCK = "stackwright.io/unlock";

    /** On a Stack: create anew what a lost state knew of. The value names the loss. */
    public static final String RECREATE = "stackwright.io/recreate";

    /** On a Stack that is being deleted: give up on destroying. The value is the Stack's uid. */
    public static final String ABANDON = "stackwright.io/abandon";

    /** On an Update: stop it. The value is {@code true}. */
    public static final String CANCEL = "stackwright.io/cancel";

    /** On a Secret that the operator left behind with its Pulumi stack: it never deletes it again. */
    public static final String RETAINED = "stackwright.io/retained";

    private Annotations() {}
}
