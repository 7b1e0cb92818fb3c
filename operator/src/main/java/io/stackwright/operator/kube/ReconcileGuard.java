package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.BaseControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * What surrounds every call of a reconciler: log keys, counting, that nothing but an exception comes out, and that it is
 * noticed when no further call comes. The framework never calls a resource again whose reconcile ended with an {@link
 * Error}.
 */
public final class ReconcileGuard {

    private static final Logger LOG = LoggerFactory.getLogger(ReconcileGuard.class);

    private final String controller;
    private final Function<HasMetadata, Map<String, String>> logKeys;
    private final ReconcileListener listener;
    private final ReconcileGate gate;
    private final ReconcileProgress progress;

    /** A guard that always lets in. */
    ReconcileGuard(String controller, Function<HasMetadata, Map<String, String>> logKeys, ReconcileListener listener) {
        this(controller, logKeys, listener, new ReconcileGate());
    }

    /**
     * @param controller name for logs and metrics
     * @param logKeys keys for the log lines about a resource
     * @param gate closed when nothing is to be reconciled any more
     */
    public ReconcileGuard(
            String controller,
            Function<HasMetadata, Map<String, String>> logKeys,
            ReconcileListener listener,
            ReconcileGate gate) {
        this(controller, logKeys, listener, gate, new ReconcileProgress());
    }

    ReconcileGuard(
            String controller,
            Function<HasMetadata, Map<String, String>> logKeys,
            ReconcileListener listener,
            ReconcileGate gate,
            ReconcileProgress progress) {
        this.controller = controller;
        this.logKeys = logKeys;
        this.listener = listener;
        this.gate = gate;
        this.progress = progress;
    }

    /** Like {@link #call(HasMetadata, Callable)}; answers with {@code otherwise} when the gate is closed. */
    <T extends BaseControl<?>> T call(HasMetadata resource, Callable<T> reconcile, T otherwise) {
        ResourceID id = ResourceID.fromResource(resource);
        if (!gate.enter()) {
            progress.ended(id, Optional.empty());
            return otherwise;
        }
        // What fails is tried again.
        Optional<Duration> next = Optional.of(Duration.ZERO);
        progress.began(id);
        try {
            T result = call(resource, reconcile);
            next = result.getScheduleDelay().map(Duration::ofMillis);
            return result;
        } finally {
            progress.ended(id, next);
            gate.leave();
        }
    }

    /** Has it noticed when no reconcile of this resource follows; call it before the framework is told. */
    public void expect(ResourceID resource) {
        progress.expect(resource, Duration.ZERO);
    }

    /** What keeps the framework from reconciling, in a line; empty when nothing does. Cheap; asks nobody. */
    public Optional<String> stuck() {
        return progress.stuck();
    }

    /** @param reconciled whether the framework would reconcile such a resource at all */
    void watch(Predicate<ResourceID> reconciled) {
        progress.watch(reconciled);
    }

    /** @throws RuntimeException whatever the call throws, in this shape */
    <T> T call(HasMetadata resource, Callable<T> reconcile) {
        Map<String, String> before = MDC.getCopyOfContextMap();
        boolean succeeded = false;
        try {
            logKeys.apply(resource).forEach(MDC::put);
            T result = reconcile.call();
            succeeded = true;
            return result;
        } catch (Throwable failure) {
            log(failure);
            throw asRuntimeException(failure);
        } finally {
            listener.reconciled(controller, succeeded);
            MDC.setContextMap(before == null ? Map.of() : before);
        }
    }

    private void log(Throwable failure) {
        if (failure instanceof NotLeadingException) {
            LOG.atWarn()
                    .addKeyValue("controller", controller)
                    .addKeyValue("why", failure.getMessage())
                    .log("nothing was changed");
            return;
        }
        if (failure instanceof KubernetesClientException api && api.getCode() == HttpURLConnection.HTTP_CONFLICT) {
            LOG.atDebug().addKeyValue("controller", controller).log("object changed meanwhile, trying again");
            return;
        }
        LOG.atError().setCause(failure).addKeyValue("controller", controller).log("reconcile failed, trying again");
    }

    private static RuntimeException asRuntimeException(Throwable failure) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return failure instanceof RuntimeException exception
                ? exception
                : new IllegalStateException("reconcile failed", failure);
    }
}
