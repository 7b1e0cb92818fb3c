package io.stackwright.operator.stack;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.execution.Executor;
import io.stackwright.operator.execution.job.JobExecutor;
import io.stackwright.operator.execution.recovery.EvidenceStore;
import io.stackwright.operator.execution.recovery.Strays;
import io.stackwright.operator.execution.runner.EncryptionMaterial;
import io.stackwright.operator.execution.runner.RunPaths;
import io.stackwright.operator.inputs.Fingerprint;
import io.stackwright.operator.inputs.InputResolver;
import io.stackwright.operator.kube.OwnAccount;
import io.stackwright.operator.kube.ReconcileGuard;
import io.stackwright.operator.outputs.OutputPublisher;
import io.stackwright.operator.source.Sources;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.telemetry.EventRecorder;
import io.stackwright.operator.update.Updates;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Puts the Stack controller together from what it works with. */
public final class StackControllerFactory {

    private StackControllerFactory() {}

    /**
     * What the controller works with.
     *
     * @param metadataClient sees Secrets and ConfigMaps without their data
     * @param self this process, as it signs its runs
     * @param pulumiVersion of the CLI, or the image that Jobs have it from
     * @param jobs the executor again, when it makes Jobs
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
            Optional<JobExecutor> jobs,
            Clock clock) {}

    /** Wakes Stacks from any thread; made before the controller, because what wakes them is. */
    public static final class Wakes {
        private final SimpleInboundEventSource<Stack> source = new SimpleInboundEventSource<>("wake");
        private final ReconcileGuard guard;

        /** @param guard notices when a Stack that was woken is not looked at */
        public Wakes(ReconcileGuard guard) {
            this.guard = guard;
        }

        /** Has the Stack looked at soon. */
        public void wake(StackKey stack) {
            ResourceID resource = new ResourceID(stack.name(), stack.namespace());
            guard.expect(resource);
            source.propagateEvent(resource);
        }
    }

    /** The reconciler, not yet registered. */
    public static StackReconciler create(Parts parts, Wakes wakes) {
        Identities identities = new Identities(
                parts.defaultBackend(), parts.paths().data(), parts.jobs().isPresent());
        Runs.Executors executors = executors(parts);
        Footing footing = new Footing(parts.fingerprint().keyId(), parts.pulumiVersion());
        RunEnds ends = new RunEnds(
                new OutcomeRecorder(() -> ThreadLocalRandom.current().nextDouble()),
                new OutputsStep(parts.outputs()::publish, parts.clock()),
                parts.executor(),
                parts.updates(),
                parts.events(),
                footing,
                parts.clock(),
                parts.jobs().isEmpty());
        Departure departure = new Departure(
                parts.outputs(),
                parts.encryption(),
                parts.sources(),
                parts.paths(),
                parts.evidence(),
                parts.updates(),
                parts.events());
        Runs runs = new Runs(parts.executor(), executors, parts.updates());
        StackProcess process = new StackProcess(
                new Snapshotter(
                        parts.sources(),
                        parts.inputs(),
                        identities,
                        parts.fingerprint(),
                        footing,
                        new ExecutionRules(
                                parts.jobs().isPresent(),
                                OwnAccount.of(parts.metadataClient().getConfiguration())),
                        parts.clock()),
                runs,
                ends,
                new RunStarts(parts.updates(), identities, executors, departure::hasEncrypted),
                departure,
                new LostOutputs(parts.outputs()::exists, parts.events(), parts.clock()),
                parts.executor(),
                parts.updates(),
                new Pacing(System::nanoTime));
        StrayUpdates strays = new StrayUpdates(parts.updates().strays(), runs, parts.executor());
        GoneStacks goneStacks =
                new GoneStacks(departure, stack -> parts.updates().strays().isGone(stack.namespace(), stack.name()));
        return new StackReconciler(
                process,
                identities,
                parts.metadataClient(),
                wakes.source,
                strays::found,
                update -> parts.executor().gone(update.getMetadata().getUid()),
                goneStacks);
    }

    private static Runs.Executors executors(Parts parts) {
        Runs.Executors processes =
                new LocalExecutors(parts.self(), parts.strays()::waitingFor, parts.strays()::abandoned);
        return parts.jobs()
                .<Runs.Executors>map(jobs -> new JobExecutors(processes, jobs))
                .orElse(processes);
    }
}
