package io.stackwright.operator.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;

/** Nothing may be changed by this process now: it does not lead, or cannot be sure that it still does. */
public final class NotLeadingException extends KubernetesClientException {

    private static final long serialVersionUID = 1L;

    public NotLeadingException(String message) {
        super(message);
    }
}
