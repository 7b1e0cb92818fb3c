package io.stackwright.operator.stack;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.update.Updates;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells people whose Updates name a Stack that does not exist. */
final class StrayUpdates {

    private static final Logger LOG = LoggerFactory.getLogger(StrayUpdates.class);

    private final Updates updates;
    private final Set<String> beingTold = ConcurrentHashMap.newKeySet();

    StrayUpdates(Updates updates) {
        this.updates = updates;
    }

    /** Returns at once; the Stack may turn out to exist after all, when caches are just being filled. */
    void tell(Update update) {
        String uid = update.getMetadata().getUid();
        boolean untold = update.getStatus() == null || update.getStatus().phase() == null;
        if (untold && Runs.waits(update) && beingTold.add(uid)) {
            Thread.ofVirtual().name("stray-" + update.getMetadata().getName()).start(() -> {
                try {
                    updates.reportStray(
                            update.getMetadata().getNamespace(),
                            update.getMetadata().getName());
                } catch (KubernetesClientException e) {
                    LOG.atWarn()
                            .setCause(e)
                            .addKeyValue("update", update.getMetadata().getName())
                            .log("cannot say that the Stack of an Update does not exist");
                } finally {
                    beingTold.remove(uid);
                }
            });
        }
    }
}
