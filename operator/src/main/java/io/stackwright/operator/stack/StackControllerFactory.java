package io.stackwright.operator.stack;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.execution.Executor;
import io.stackwright.operator.execution.recovery.EvidenceStore;
import io.stackwright.operator.execution.recovery.Strays;
import io.stackwright.operator.execution.runner.EncryptionMaterial;
import io.stackwright.operator.execution.runner.RunPaths;
import io.stackwright.operator.inputs.Fingerprint;
import io.stackwright.operator.inputs.InputResolver;
import io.stackwright.operator.outputs.OutputPublisher;
import io.stackwright.operator.source.Sources;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.telemetry.EventRecorder;
import io.stackwright.operator.update.Updates;
import java.time.Clock;
import java.util.concurrent.ThreadLocalRandom;

/** Puts the Stack controller together from what it works with. */
public final class StackControllerFactory {

    private StackControllerFactory() {}

    /**
     * What the controller works with.
     *
     * @param metadataClient sees Secrets and ConfigMaps without their data
     * @param self this process, as it signs its runs
     * @param pulumiVersion of the CLI
     */
    public record Parts(
            KubernetesClient metadataClient,
            Sources sources,
            InputResolver inputs,
            Fingerprint fingerprint,
            OutputPublisher outputs,
            EncryptionMaterial encryption,
            RunPaths paths,
            EvidenceStore evidence,
            Executor executor,
            Strays strays,
            Updates updates,
            EventRecorder events,
            ExecutorStatus self,
            String pulumiVersion,
            String defaultBackend,
            Clock clock) {}

    /** Wakes Stacks from any thread; made before the controller, because what wakes them is. */
    public static final class Wakes {
        private final SimpleInboundEventSource<Stack> source = new SimpleInboundEventSource<>("wake");

        /** Has the Stack looked at soon. */
        public void wake(StackKey stack) {
            StackReconciler.wake(source, stack);
        }
    }

    /** The reconciler, not yet registered. */
    public static StackReconciler create(Parts parts, Wakes wakes) {
        Identities identities =
                new Identities(parts.defaultBackend(), parts.paths().data());
        LocalExecutors executors =
                new LocalExecutors(parts.self(), parts.strays()::waitingFor, parts.strays()::abandoned);
        Footing footing = new Footing(parts.fingerprint().keyId(), parts.pulumiVersion());
        RunEnds ends = new RunEnds(
                new OutcomeRecorder(() -> ThreadLocalRandom.current().nextDouble()),
                new OutputsStep(parts.outputs()),
                parts.executor(),
                parts.updates(),
                parts.events(),
                footing,
                parts.clock());
        StackProcess process = new StackProcess(
                new Snapshotter(
                        parts.sources(), parts.inputs(), identities, parts.fingerprint(), footing, parts.clock()),
                new Runs(parts.executor(), executors, parts.updates()),
                ends,
                new RunStarts(parts.updates(), identities, executors),
                new Departure(
                        parts.outputs(),
                        parts.encryption(),
                        parts.sources(),
                        parts.paths(),
                        parts.evidence(),
                        parts.updates(),
                        parts.events()),
                parts.executor(),
                parts.updates(),
                new Pacing(System::nanoTime));
        StrayUpdates strays = new StrayUpdates(parts.updates());
        return new StackReconciler(process, parts.metadataClient(), wakes.source, strays::tell);
    }
}
