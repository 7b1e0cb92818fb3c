package io.stackwright.operator.stack;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.kube.BoundedVirtualExecutor;
import io.stackwright.operator.kube.ControllerDefaults;
import io.stackwright.operator.kube.GuardedCleaner;
import io.stackwright.operator.kube.Leadership;
import io.stackwright.operator.kube.ReconcileGuard;
import java.time.Duration;
import java.util.Set;

/** The Stack controller inside the framework, with the guards that the framework needs (package {@code kube}). */
public final class StackController {

    /** As the framework, logs and metrics know it. */
    public static final String NAME = "stack";

    private static final int CONCURRENT_RECONCILES = 32;
    private static final Duration TERMINATION = Duration.ofSeconds(10);

    private StackController() {}

    /**
     * An operator that runs the controller; not started.
     *
     * @param namespaces to watch; empty for all
     * @param guard around each call of the reconciler
     * @param leadership reconciles only while this process leads
     */
    public static Operator register(
            StackReconciler reconciler,
            KubernetesClient client,
            Set<String> namespaces,
            ReconcileGuard guard,
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
        operator.register(new GuardedCleaner<Stack>(reconciler, reconciler, guard) {}, overrider -> {
            ControllerDefaults.apply(overrider, NAME, namespaces);
            overrider.withFinalizer(StackReconciler.FINALIZER);
        });
        return operator;
    }
}
