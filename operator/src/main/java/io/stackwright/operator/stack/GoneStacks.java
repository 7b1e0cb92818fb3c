package io.stackwright.operator.stack;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.operator.source.StackKey;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stacks that went without being let go: somebody took our finalizer off them. Nothing tells of that, so what is kept here
 * is compared with the Stacks that there are. What may still prove something of a run stays.
 */
final class GoneStacks {

    private static final Logger LOG = LoggerFactory.getLogger(GoneStacks.class);

    private final Departure departure;
    private final Predicate<StackKey> gone;

    /** @param gone asks the API server, which has the last word */
    GoneStacks(Departure departure, Predicate<StackKey> gone) {
        this.departure = departure;
        this.gone = gone;
    }

    /**
     * Drops what is kept of them.
     *
     * @param known whether the cache has a Stack
     * @param waker has a Stack looked at that came back meanwhile: the repository of its source is followed no more
     */
    void sweep(Predicate<StackKey> known, Consumer<StackKey> waker) {
        for (StackKey stack : departure.kept()) {
            if (!known.test(stack) && isGone(stack)) {
                departure.gone(stack);
                if (known.test(stack)) {
                    waker.accept(stack);
                }
            }
        }
    }

    /** What cannot be asked about, such as a namespace that is not ours any more, is left. */
    private boolean isGone(StackKey stack) {
        try {
            return gone.test(stack);
        } catch (KubernetesClientException e) {
            LOG.atDebug().setCause(e).addKeyValue("stack", stack).log("whether a Stack is gone cannot be asked now");
            return false;
        }
    }
}
