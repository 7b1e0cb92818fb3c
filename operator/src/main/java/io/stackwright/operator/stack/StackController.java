package io.stackwright.operator.stack;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.kube.BoundedVirtualExecutor;
import io.stackwright.operator.kube.ControllerDefaults;
import io.stackwright.operator.kube.GuardedCleaner;
import io.stackwright.operator.kube.Leadership;
import io.stackwright.operator.kube.ReconcileGate;
import io.stackwright.operator.kube.ReconcileGuard;
import io.stackwright.operator.telemetry.LogContext;
import io.stackwright.operator.telemetry.Metrics;
import java.time.Duration;
import java.util.Set;

/** The Stack controller inside the framework, with the guards that the framework needs (package {@code kube}). */
public final class StackController {

    private static final String NAME = "stack";
    private static final int CONCURRENT_RECONCILES = 32;
    private static final Duration TERMINATION = Duration.ofSeconds(10);

    private StackController() {}

    /**
     * An operator that runs the controller; not started.
     *
     * @param namespaces to watch; empty for all
     * @param gate closed when nothing is to be decided any more
     * @param leadership reconciles only while this process leads
     */
    public static Operator register(
            StackReconciler reconciler,
            KubernetesClient client,
            Set<String> namespaces,
            Metrics metrics,
            ReconcileGate gate,
            Leadership leadership) {
        // Outside the lambda, which the framework runs twice.
        BoundedVirtualExecutor threads = new BoundedVirtualExecutor(NAME, CONCURRENT_RECONCILES);
        Operator operator = new Operator(overrider -> {
            overrider
                    .withKubernetesClient(client)
                    .withExecutorService(threads)
                    .withCloseClientOnStop(false)
                    .withParseResourceVersions(true)
                    .withReconciliationTerminationTimeout(TERMINATION);
            leadership.election().ifPresent(overrider::withLeaderElectionConfiguration);
        });
        ReconcileGuard guard = new ReconcileGuard(NAME, LogContext::keys, metrics::reconciled, gate);
        operator.register(new GuardedCleaner<Stack>(reconciler, reconciler, guard) {}, overrider -> {
            ControllerDefaults.apply(overrider, NAME, namespaces);
            overrider.withFinalizer(StackReconciler.FINALIZER);
        });
        return operator;
    }
}
