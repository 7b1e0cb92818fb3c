package io.stackwright.operator.execution.job;

import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.execution.runner.RunReporter;
import io.stackwright.operator.execution.runner.RunStatusWriter;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports to the one Update and, for who looks at the pod, to the log; the end waits until the outcome is kept. */
final class JobReporter implements RunReporter {

    private static final Logger LOG = LoggerFactory.getLogger(JobReporter.class);
    private static final int ATTEMPTS = 20;
    private static final long LOG_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

    private final RunStatusWriter writer;
    private final Patience patience;
    private final Patience untilStopped;
    private boolean claimed;
    private long lastLogged = System.nanoTime();
    private Optional<RunStatus> end = Optional.empty();

    /**
     * Creates it; nothing is written yet.
     *
     * @param patience with the report of the end
     * @param untilStopped with the claim: what was asked to stop need not begin
     */
    JobReporter(RunStatusWriter writer, Patience patience, Patience untilStopped) {
        this.writer = writer;
        this.patience = patience;
        this.untilStopped = untilStopped;
    }

    @Override
    public void claim() {
        untilStopped.insist("claiming the Update", this::tryToClaim);
        claimed = true;
        LOG.atInfo().log("claimed");
    }

    /** Whether anything can have been done. */
    boolean isClaimed() {
        return claimed;
    }

    /**
     * What was claimed by this very pod is its own: the answer to the claim may have got lost. What somebody else only
     * wrote to is still to be had.
     */
    private void tryToClaim() {
        for (int attempt = 1; ; attempt++) {
            try {
                writer.claim();
                return;
            } catch (ClaimLostException e) {
                if (writer.isClaimed()) {
                    return;
                }
                if (!e.isOvertaken() || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void progress(RunStatus.Progress progress, RunStatus.Changes changes) {
        writer.progress(progress, changes);
        long now = System.nanoTime();
        if (now - lastLogged >= LOG_INTERVAL_NANOS) {
            lastLogged = now;
            LOG.atInfo()
                    .addKeyValue("completed", progress.completed())
                    .addKeyValue("failed", progress.failed())
                    .addKeyValue("total", progress.total())
                    .addKeyValue("current", progress.current())
                    .log("in progress");
        }
    }

    @Override
    public void end(RunStatus told) {
        end = Optional.of(told);
    }

    /** Writes the end; only after the outcome is where the operator finds it. */
    void writeEnd() {
        end.ifPresent(told -> patience.insist("writing the end of the run", () -> writer.tryToEnd(told)));
    }
}
