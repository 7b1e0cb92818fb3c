package io.stackwright.operator.update;

import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import java.util.Optional;

/** Ends Updates that were recorded and whose runs have not started; the API server is asked whether that is so. */
public final class UnstartedRecords {

    private final Updates updates;

    public UnstartedRecords(Updates updates) {
        this.updates = updates;
    }

    /**
     * Ends it as superseded, unless a run has claimed it or does so now. What a cache shows of it may be older than the
     * claim, and older than the end.
     *
     * @return whether it has ended so
     */
    public boolean end(Update update, String message) {
        if (Updates.isUnrecorded(update)) {
            return true;
        }
        Optional<Update> ended = updates.current(update)
                .filter(present -> present.getMetadata().getFinalizers().contains(Updates.FINALIZER))
                .filter(present -> !isClaimed(present))
                .filter(present -> updates.writeEnd(
                        present,
                        Phase.Superseded,
                        Optional.empty(),
                        message,
                        Optional.of(present.getMetadata().getResourceVersion())));
        ended.ifPresent(updates::letGo);
        return ended.isPresent();
    }

    private static boolean isClaimed(Update update) {
        UpdateStatus status = update.getStatus();
        return status != null && status.run() != null && status.run().executor() != null;
    }
}
