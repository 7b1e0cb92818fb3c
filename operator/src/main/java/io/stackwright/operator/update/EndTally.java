package io.stackwright.operator.update;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.telemetry.Metrics;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts Updates whose end is written down: each once, although an end may be written more than once. */
final class EndTally {

    private static final int REMEMBERED = 10_000;

    private final Metrics metrics;
    private final Map<String, Boolean> counted = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    EndTally(Metrics metrics) {
        this.metrics = metrics;
    }

    synchronized void ended(Update update, Phase result) {
        if (counted.put(update.getMetadata().getUid(), true) == null) {
            metrics.updateEnded(update.getSpec().operation(), result);
            if (update.getSpec().operation() == Operation.Refresh) {
                metrics.drifted(changed(update.getStatus()));
            }
        }
    }

    private static long changed(UpdateStatus status) {
        if (status == null || status.run() == null || status.run().changes() == null) {
            return 0;
        }
        return counted(status.run().changes().update())
                + counted(status.run().changes().delete());
    }

    /** What is written there comes from a tenant's pod. */
    private static long counted(Integer count) {
        return count == null ? 0 : Math.max(0, count);
    }
}
