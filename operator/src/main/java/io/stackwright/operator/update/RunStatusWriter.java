package io.stackwright.operator.update;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.runner.RunReporter;
import io.stackwright.operator.kube.NotLeadingException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the {@code status.run} of one Update, by a field manager of its own. */
public final class RunStatusWriter implements RunReporter {

    /** Field manager of {@code status.run}. */
    public static final String FIELD_MANAGER = "stackwright-runner";

    private static final Logger LOG = LoggerFactory.getLogger(RunStatusWriter.class);
    private static final long PROGRESS_INTERVAL_NANOS = Duration.ofSeconds(3).toNanos();

    private final KubernetesClient client;
    private final KubernetesClient reports;
    private final Updates updates;
    private final RunKey run;
    private final ExecutorStatus executor;
    private long lastProgress = System.nanoTime();
    private boolean ended;
    private Thread running;

    /**
     * Creates the writer of one run.
     *
     * @param client changes nothing while this process does not lead
     * @param reports writes the end of the run even then: that it has ended is so whoever leads, and who leads by then
     *     waits for it
     */
    public RunStatusWriter(
            KubernetesClient client, KubernetesClient reports, Updates updates, RunKey run, ExecutorStatus executor) {
        this.client = client;
        this.reports = reports;
        this.updates = updates;
        this.run = run;
        this.executor = executor;
    }

    @Override
    public void claim() {
        Update update = updates.find(run.stack().namespace(), run.update())
                .filter(this::isOpen)
                .orElseThrow(() -> new ClaimLostException(run.update() + " is gone, claimed or ended", null));
        try {
            write(status(null, null), Optional.of(update.getMetadata().getResourceVersion()));
        } catch (NotLeadingException e) {
            throw new ClaimLostException(run.update() + " is not claimed: " + e.getMessage(), e);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                throw new ClaimLostException(run.update() + " changed while it was being claimed", e);
            }
            throw e;
        }
        running = Thread.ofVirtual().start(() -> showRunning(update));
    }

    /** For people to see; nothing waits for it but the end of the run, which must come after it. */
    private void showRunning(Update update) {
        try {
            updates.progress(update, Phase.Running, update.getSpec().operation() + " in progress");
        } catch (KubernetesClientException e) {
            LOG.atWarn().setCause(e).addKeyValue("update", run.update()).log("the start of a run was not written");
        }
    }

    private boolean isOpen(Update update) {
        UpdateStatus status = update.getStatus();
        return update.getMetadata().getUid().equals(run.updateUid())
                && (status == null || status.run() == null || status.run().executor() == null)
                && (status == null || status.phase() == null || !status.phase().isFinal());
    }

    @Override
    public void progress(RunStatus.Progress progress, RunStatus.Changes changes) {
        long now = System.nanoTime();
        if (now - lastProgress < PROGRESS_INTERVAL_NANOS) {
            return;
        }
        lastProgress = now;
        // Off the engine's thread: a slow API server must not slow Pulumi down.
        Thread.ofVirtual().start(() -> {
            try {
                write(status(progress, changes), Optional.empty());
            } catch (KubernetesClientException e) {
                LOG.atDebug().setCause(e).addKeyValue("update", run.update()).log("progress was not written");
            }
        });
    }

    @Override
    public void end(RunStatus end) {
        RunStatus whole = new RunStatus(
                executor,
                null,
                end.changes(),
                end.steps(),
                end.omittedSteps(),
                end.diagnostics(),
                end.result(),
                end.pulumiVersion(),
                end.log());
        try {
            awaitRunning();
            write(whole, Optional.empty());
        } catch (KubernetesClientException e) {
            // The client has retried by itself; the outcome in memory still reaches the Stack.
            LOG.atWarn().setCause(e).addKeyValue("update", run.update()).log("the end of a run was not written");
        }
    }

    private void awaitRunning() {
        boolean interrupted = false;
        while (running != null && running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private RunStatus status(RunStatus.Progress progress, RunStatus.Changes changes) {
        return new RunStatus(executor, progress, changes, null, null, null, null, null, null);
    }

    private synchronized void write(RunStatus status, Optional<String> resourceVersion) {
        if (ended) {
            return;
        }
        ended = status.result() != null;
        Update fresh = new Update();
        fresh.setMetadata(new ObjectMetaBuilder()
                .withName(run.update())
                .withNamespace(run.stack().namespace())
                .withUid(run.updateUid())
                .withResourceVersion(resourceVersion.orElse(null))
                .build());
        fresh.setStatus(new UpdateStatus(null, null, null, null, null, null, status));
        KubernetesClient writer = ended ? reports : client;
        writer.resource(fresh)
                .subresource("status")
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager(FIELD_MANAGER)
                                .withForce(true)
                                .build(),
                        fresh);
    }
}
