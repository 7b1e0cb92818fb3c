package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;

/**
 * Applies a status so that the next look sees it.
 *
 * <p>When the API server answers with 409 or 422, the framework waits for a newer object in its cache, ten seconds inside
 * the reconcile, writes the same status to that, and in the end tells of a timeout. Here the answer comes out at once: the
 * next look decides anew.
 */
public final class StatusWrites {

    private StatusWrites() {}

    /**
     * Applies the status of {@code fresh}, which has a name, a namespace and the uid.
     *
     * @param original as the reconcile was given it
     * @throws KubernetesClientException what the API server answers
     */
    public static <P extends HasMetadata> P apply(P original, P fresh, Context<P> context) {
        try {
            return PrimaryUpdateAndCacheUtils.updateAndCacheResource(
                    original, context, present -> fresh, wanted -> patch(context.getClient(), wanted));
        } catch (Answer answer) {
            throw answer.exception;
        }
    }

    private static <P extends HasMetadata> P patch(KubernetesClient client, P wanted) {
        PatchContext apply = new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(ControllerDefaults.FIELD_MANAGER)
                .withForce(true)
                .build();
        try {
            return client.resource(wanted).subresource("status").patch(apply);
        } catch (KubernetesClientException e) {
            throw new Answer(e);
        }
    }

    /** Gets the answer past the framework, which would act on it. */
    private static final class Answer extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient KubernetesClientException exception;

        Answer(KubernetesClientException exception) {
            super(exception);
            this.exception = exception;
        }
    }
}
