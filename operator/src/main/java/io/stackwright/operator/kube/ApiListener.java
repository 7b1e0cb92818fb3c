package io.stackwright.operator.kube;

/** Hears of every request to the Kubernetes API: it must return at once and not throw. */
@FunctionalInterface
public interface ApiListener {

    /**
     * One attempt is over.
     *
     * @param code HTTP status of the answer; 0 for none
     */
    void answered(ApiVerb verb, int code);
}
