package io.stackwright.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.PassphraseKeys;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.automation.AutomationEngine;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.execution.Executor;
import io.stackwright.operator.execution.embedded.EmbeddedExecutor;
import io.stackwright.operator.execution.recovery.EvidenceStore;
import io.stackwright.operator.execution.recovery.Recovery;
import io.stackwright.operator.execution.recovery.Strays;
import io.stackwright.operator.execution.runner.PassphraseSecrets;
import io.stackwright.operator.execution.runner.RunPaths;
import io.stackwright.operator.execution.runner.SettingsFiles;
import io.stackwright.operator.execution.runner.StackOwners;
import io.stackwright.operator.execution.runner.UpdateRunner;
import io.stackwright.operator.http.OperatorServer;
import io.stackwright.operator.inputs.Fingerprint;
import io.stackwright.operator.inputs.FingerprintKey;
import io.stackwright.operator.inputs.InputResolver;
import io.stackwright.operator.inputs.ReferenceReader;
import io.stackwright.operator.kube.Installation;
import io.stackwright.operator.kube.KubeClients;
import io.stackwright.operator.kube.KubeReferenceReader;
import io.stackwright.operator.kube.Leadership;
import io.stackwright.operator.kube.OperatorHealth;
import io.stackwright.operator.kube.ReconcileGate;
import io.stackwright.operator.outputs.OutputPublisher;
import io.stackwright.operator.settings.BuildVersion;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.source.ProjectSources;
import io.stackwright.operator.source.Sources;
import io.stackwright.operator.stack.StackController;
import io.stackwright.operator.stack.StackControllerFactory;
import io.stackwright.operator.stack.StackControllerFactory.Wakes;
import io.stackwright.operator.stack.StackReconciler;
import io.stackwright.operator.telemetry.EventRecorder;
import io.stackwright.operator.telemetry.Metrics;
import io.stackwright.operator.update.RunStatusWriter;
import io.stackwright.operator.update.StackRunReporter;
import io.stackwright.operator.update.Updates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator, wired: everything that is long-lived is made here, once, and closed here in order. */
public final class StackwrightOperator implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StackwrightOperator.class);
    private static final int CACHED_KEYS = 256;

    private static final Duration RECONCILES = Duration.ofSeconds(10);
    private static final int LEASE_LOST = 1;

    private final DataDirectory data;
    private final Leadership leadership;
    private final ReconcileGate gate = new ReconcileGate();
    private final KubernetesClient reports;
    private final KubernetesClient client;
    private final KubernetesClient metadataClient;
    private final Metrics metrics = new Metrics();
    private final EventRecorder events;
    private final Sources sources;
    private final Executor executor;
    private final Operator framework;
    private final OperatorServer server;
    private volatile boolean started;

    /**
     * Makes the operator; nothing runs yet.
     *
     * @param clients make clients of the cluster
     * @param environment of this process; a short list of it reaches Pulumi programs
     */
    public StackwrightOperator(
            OperatorSettings settings, KubeClients clients, Map<String, String> environment, Clock clock) {
        this.data = DataDirectory.take(settings.dataDirectory());
        LinuxProcesses processes = new LinuxProcesses();
        ExecutorStatus self = self(environment, data.id(), processes.scope());
        this.leadership = leadership(settings, self.instance());
        this.reports = clients.create();
        this.client = leadership.isElected() ? clients.createFenced(leadership) : reports;
        this.metadataClient = clients.createMetadataOnly();
        Installation installation = Installation.ensure(reports, settings.operatorNamespace());
        Wakes wakes = new Wakes();
        ReferenceReader references = new KubeReferenceReader(client);
        PulumiEngine engine = new AutomationEngine(
                settings.pulumiCommand(), environment.getOrDefault("PATH", ""), this::cliProcessStarts);
        RunPaths paths = new RunPaths(settings.dataDirectory());
        EvidenceStore evidence = new EvidenceStore(settings.dataDirectory(), processes, clock);
        Strays strays = new Strays(evidence, processes, wakes::wake, paths::deleteWork, clock);
        PassphraseSecrets encryption = new PassphraseSecrets(client);
        Updates updates = new Updates(client, clock);
        this.events = new EventRecorder(client, self.instance(), clock, metrics);
        this.sources = new ProjectSources(settings, references, clock, wakes::wake, metrics::sourceFetched);
        LateOwners owners = new LateOwners(installation.id(), settings.watchNamespaces());
        UpdateRunner runner = new UpdateRunner(
                engine,
                sources,
                new SettingsFiles(encryption, new PassphraseKeys(CACHED_KEYS)),
                owners,
                paths,
                new Recovery(engine, evidence, processes),
                environment,
                clock);
        this.executor = new EmbeddedExecutor(
                runner::run,
                run -> run.isUnrecorded()
                        ? new StackRunReporter(client, run, self)
                        : new RunStatusWriter(client, reports, updates, run, self),
                wakes::wake,
                metrics,
                settings.workers(),
                settings.shutdownGrace());
        StackReconciler reconciler = StackControllerFactory.create(
                new StackControllerFactory.Parts(
                        metadataClient,
                        sources,
                        new InputResolver(references),
                        new Fingerprint(FingerprintKey.of(installation.fingerprintKey())),
                        new OutputPublisher(client),
                        encryption,
                        paths,
                        evidence,
                        executor,
                        strays,
                        updates,
                        events,
                        self,
                        engine.version(),
                        settings.backendUrl(),
                        clock),
                wakes);
        owners.directory = reconciler;
        this.framework =
                StackController.register(reconciler, client, settings.watchNamespaces(), metrics, gate, leadership);
        this.server = server(settings, OperatorHealth.of(framework, Optional::empty));
        metrics.buildInfo(BuildVersion.current(), engine.version());
        metrics.observeLeadership(leadership::mayAct);
        paths.deleteWork(strays.takeOver());
    }

    private static Leadership leadership(OperatorSettings settings, String instance) {
        return settings.leaderElection()
                .map(election -> Leadership.elected(new Leadership.Terms(
                        settings.operatorNamespace(),
                        election.leaseName(),
                        instance,
                        election.leaseDuration(),
                        election.renewDeadline(),
                        election.retryPeriod())))
                .orElseGet(Leadership::alone);
    }

    /** The last moment before the CLI is started: a run that was held up for too long must not go on. */
    private void cliProcessStarts(String command) {
        if (started && !leadership.mayAct()) {
            throw new EngineException(
                    new Failure(Failure.Kind.CANCELLED, Reason.Interrupted, "the operator does not lead any more"));
        }
        metrics.cliProcessStarted(command);
    }

    /** The reconciler knows the Stacks, but is made after the runner that asks for them. */
    private static final class LateOwners implements StackOwners {
        private final String installation;
        private final Set<String> watched;
        private volatile StackReconciler directory;

        LateOwners(String installation, Set<String> watched) {
            this.watched = watched;
            this.installation = installation;
        }

        @Override
        public String installation() {
            return installation;
        }

        @Override
        public boolean isGone(String namespace, String stackUid) {
            boolean seen = watched.isEmpty() || watched.contains(namespace);
            return seen && !directory.exists(stackUid);
        }
    }

    /** Starts the controller, then says ready; returns when the caches are filled. */
    public void start() {
        server.start();
        started = true;
        framework.start();
        leadership.watch(this::leaseLost);
        LOG.atInfo()
                .addKeyValue("version", BuildVersion.current())
                .addKeyValue("port", server.port())
                .log("started");
    }

    /** Port of probes and metrics. */
    public int httpPort() {
        return server.port();
    }

    /**
     * Another one leads by now, or will soon: nothing is decided or changed here any more. The runs get one SIGTERM each
     * and the grace to end, so that none goes on unobserved; the other one waits for that. Then this process is over.
     */
    private void leaseLost() {
        LOG.atError().log("the lease was lost: running operations are asked to stop, then this process ends");
        gate.close(Duration.ZERO);
        executor.close();
        LOG.atError().log("ending without the lease");
        // No shutdown hooks: they would only wait for what has been waited for.
        Runtime.getRuntime().halt(LEASE_LOST);
    }

    /**
     * Stops: no more decisions, then the runs, one SIGTERM each and the grace to end, then all else, and the lease is
     * given up last. Their ends are written by the runs themselves and taken up by who leads next.
     */
    @Override
    public void close() {
        leadership.leave();
        gate.close(RECONCILES);
        executor.close();
        framework.stop();
        sources.close();
        events.close();
        leadership.release(reports);
        server.close();
        metadataClient.close();
        client.close();
        reports.close();
        metrics.close();
        data.close();
        LOG.atInfo().log("stopped");
    }

    private OperatorServer server(OperatorSettings settings, OperatorHealth health) {
        try {
            return new OperatorServer(
                    new InetSocketAddress(settings.httpPort()),
                    List.of(health::liveness),
                    List.of(health::readiness, leadership::unavailability),
                    leadership::role,
                    metrics::scrape);
        } catch (IOException e) {
            throw new UncheckedIOException("port " + settings.httpPort() + " cannot be opened", e);
        }
    }

    private static ExecutorStatus self(Map<String, String> environment, String dataDirectory, String pidScope) {
        String host = environment.getOrDefault("HOSTNAME", hostName());
        String random = UUID.randomUUID().toString().substring(0, 8);
        return new ExecutorStatus(
                host + "-" + random, host, ProcessHandle.current().pid(), dataDirectory, pidScope);
    }

    private static String hostName() {
        try {
            return java.net.InetAddress.getLocalHost().getHostName();
        } catch (java.net.UnknownHostException e) {
            return "localhost";
        }
    }
}
