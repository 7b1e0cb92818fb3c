package io.stackwright.operator.execution.runner;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.kube.NotLeadingException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
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
    private final Consumer<Update> claimed;
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
     * @param claimed shows people that it runs, on a thread of its own; the end is written after that
     */
    public RunStatusWriter(
            KubernetesClient client,
            KubernetesClient reports,
            Consumer<Update> claimed,
            RunKey run,
            ExecutorStatus executor) {
        this.client = client;
        this.reports = reports;
        this.claimed = claimed;
        this.run = run;
        this.executor = executor;
    }

    @Override
    public void claim() {
        Update update = find().filter(this::isOpen)
                .orElseThrow(() -> new ClaimLostException(run.update() + " is gone, claimed or ended", null));
        try {
            write(status(null, null), Optional.of(update.getMetadata().getResourceVersion()));
        } catch (NotLeadingException e) {
            throw new ClaimLostException(run.update() + " is not claimed: " + e.getMessage(), e);
        } catch (KubernetesClientException e) {
            boolean conflict = e.getCode() == HttpURLConnection.HTTP_CONFLICT;
            // The client tries again when an answer gets lost, and then meets what it has just written itself.
            boolean written = conflict && isClaimed();
            if (!written && (conflict || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND)) {
                throw new ClaimLostException(run.update() + " changed while it was being claimed", e);
            }
            if (!written) {
                throw e;
            }
        }
        running = Thread.ofVirtual().start(() -> showRunning(update));
    }

    /** For people to see; nothing waits for it but the end of the run, which must come after it. */
    private void showRunning(Update update) {
        try {
            claimed.accept(update);
        } catch (KubernetesClientException e) {
            LOG.atWarn().setCause(e).addKeyValue("update", run.update()).log("the start of a run was not written");
        }
    }

    private Optional<Update> find() {
        return Optional.ofNullable(client.resources(Update.class)
                .inNamespace(run.stack().namespace())
                .withName(run.update())
                .get());
    }

    /** Whether the Update says that this executor runs it. */
    public boolean isClaimed() {
        return find().filter(update -> update.getMetadata().getUid().equals(run.updateUid()))
                .map(Update::getStatus)
                .map(UpdateStatus::run)
                .map(RunStatus::executor)
                .filter(executor::equals)
                .isPresent();
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
        try {
            tryToEnd(end);
        } catch (KubernetesClientException e) {
            // The client has retried by itself; the outcome in memory still reaches the Stack.
            LOG.atWarn().setCause(e).addKeyValue("update", run.update()).log("the end of a run was not written");
        }
    }

    /** The same, without patience: whoever calls it tries again. */
    public void tryToEnd(RunStatus end) {
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
        awaitRunning();
        write(whole, Optional.empty());
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
        boolean isEnd = status.result() != null;
        if (ended && !isEnd) {
            return; // Progress that comes late.
        }
        ended = isEnd;
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
