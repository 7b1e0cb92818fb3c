package io.stackwright.operator.execution.runner;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.RunStatus;
import java.net.HttpURLConnection;

/** Where a run writes what becomes of it: the {@code status.run} of its Update. */
public interface RunReporter {

    /**
     * Writes down who runs this, before anything is done.
     *
     * @throws ClaimLostException when the Update was changed or claimed by another since it was decided on
     */
    void claim();

    /** Progress; may be dropped when it comes too often. Never throws. */
    void progress(RunStatus.Progress progress, RunStatus.Changes changes);

    /** The end, with everything that is to be seen of it. Retries within bounds; never throws. */
    void end(RunStatus end);

    /** The Update is no longer the one that was decided on; nothing may be run. */
    final class ClaimLostException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public ClaimLostException(String message, Throwable cause) {
            super(message, cause);
        }

        /** Whether somebody only wrote to it in between: it may still be free. */
        public boolean isOvertaken() {
            return getCause() instanceof KubernetesClientException e && e.getCode() == HttpURLConnection.HTTP_CONFLICT;
        }
    }
}
