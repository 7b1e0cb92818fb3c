package io.stackwright.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.PassphraseKeys;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.automation.AutomationEngine;
import io.stackwright.operator.engine.automation.CliListener;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.execution.Executor;
import io.stackwright.operator.execution.embedded.EmbeddedExecutor;
import io.stackwright.operator.execution.job.ApiAccess;
import io.stackwright.operator.execution.job.JobExecutor;
import io.stackwright.operator.execution.job.RunInputs;
import io.stackwright.operator.execution.recovery.EvidenceStore;
import io.stackwright.operator.execution.recovery.Recovery;
import io.stackwright.operator.execution.recovery.Strays;
import io.stackwright.operator.execution.runner.PassphraseSecrets;
import io.stackwright.operator.execution.runner.RunEnvironment;
import io.stackwright.operator.execution.runner.RunPaths;
import io.stackwright.operator.execution.runner.RunStatusWriter;
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
import io.stackwright.operator.kube.ReconcileGuard;
import io.stackwright.operator.outputs.OutputPublisher;
import io.stackwright.operator.settings.BuildVersion;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.source.ProjectSources;
import io.stackwright.operator.source.SourceLimits;
import io.stackwright.operator.source.Sources;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.stack.StackController;
import io.stackwright.operator.stack.StackControllerFactory;
import io.stackwright.operator.stack.StackControllerFactory.Wakes;
import io.stackwright.operator.stack.StackReconciler;
import io.stackwright.operator.telemetry.EventRecorder;
import io.stackwright.operator.telemetry.LogContext;
import io.stackwright.operator.telemetry.Metrics;
import io.stackwright.operator.telemetry.StackCensus;
import io.stackwright.operator.telemetry.Tracing;
import io.stackwright.operator.update.StackRunReporter;
import io.stackwright.operator.update.Updates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator, wired: everything that is long-lived is made here, once, and closed here in order. */
public final class StackwrightOperator implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StackwrightOperator.class);
    private static final int CACHED_KEYS = 256;

    private static final Duration RECONCILES = Duration.ofSeconds(10);
    private static final Duration SWEEP_EVERY = Duration.ofMinutes(10);
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
    private final StackReconciler reconciler;
    private final ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("sweeper").daemon().factory());
    private final Operator framework;
    private final OperatorServer server;
    private volatile boolean started;

    /**
     * Makes the operator; nothing runs yet.
     *
     * @param cluster makes clients of the cluster
     * @param environment of this process; a short list of it reaches Pulumi programs
     */
    public StackwrightOperator(
            OperatorSettings settings, KubeClients cluster, Map<String, String> environment, Clock clock) {
        KubeClients clients = cluster.observedBy(metrics::apiRequest);
        this.data = DataDirectory.take(settings.dataDirectory());
        LinuxProcesses processes = new LinuxProcesses();
        ExecutorStatus self = self(environment, data.id(), processes.scope());
        this.leadership = leadership(settings, self.instance());
        this.reports = clients.create();
        this.client = leadership.isElected() ? clients.createFenced(leadership) : reports;
        this.metadataClient = clients.createMetadataOnly();
        Installation installation = Installation.ensure(reports, settings.operatorNamespace());
        metrics.observeReconciler(StackController.NAME);
        ReconcileGuard guard = new ReconcileGuard(StackController.NAME, LogContext::keys, metrics::reconciled, gate);
        Wakes wakes = new Wakes(guard);
        ReferenceReader references = new KubeReferenceReader(client);
        PulumiEngine engine = new AutomationEngine(
                settings.pulumiCommand(),
                environment.getOrDefault("PATH", ""),
                new CliProcesses(),
                Tracing.of(environment).endpoint());
        RunPaths paths = new RunPaths(settings.dataDirectory());
        EvidenceStore evidence = new EvidenceStore(settings.dataDirectory(), processes, clock);
        Strays strays = new Strays(evidence, processes, wakes::wake, paths::deleteWork, clock);
        PassphraseSecrets encryption = new PassphraseSecrets(client);
        Updates updates = new Updates(client, clock, metrics);
        this.events = new EventRecorder(client, self.instance(), clock, metrics);
        this.sources =
                new ProjectSources(SourceLimits.of(settings), references, clock, wakes::wake, metrics::sourceFetched);
        LateOwners owners = new LateOwners(installation.id(), settings.watchNamespaces());
        UpdateRunner runner = new UpdateRunner(
                engine,
                sources,
                new SettingsFiles(encryption, new PassphraseKeys(CACHED_KEYS)),
                owners,
                paths,
                paths::writeLog,
                new Recovery(engine, evidence, processes),
                RunEnvironment.ofOperator(environment, paths),
                clock);
        Optional<JobExecutor> jobs = settings.jobs()
                .map(any -> new JobExecutor(
                        new JobExecutor.Parts(
                                client,
                                new RunInputs(
                                        references,
                                        encryption,
                                        owners,
                                        owners::history,
                                        settings,
                                        Tracing.of(environment)),
                                ApiAccess.of(client.getConfiguration()),
                                wakes::wake,
                                metrics,
                                leadership::mayAct,
                                clock),
                        settings));
        this.executor = jobs.isPresent()
                ? jobs.get()
                : new EmbeddedExecutor(
                        runner::run,
                        run -> run.isUnrecorded()
                                ? new StackRunReporter(client, run, self)
                                : new RunStatusWriter(client, reports, updates::showRunning, run, self),
                        wakes::wake,
                        metrics,
                        settings.workers(),
                        settings.shutdownGrace());
        // What runs in Jobs is the image's; the operator needs no CLI of its own then.
        String pulumi = settings.jobs().map(OperatorSettings.Jobs::image).orElseGet(engine::version);
        this.reconciler = StackControllerFactory.create(
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
                        pulumi,
                        settings.backendUrl(),
                        jobs,
                        clock),
                wakes);
        owners.directory = reconciler;
        this.framework = StackController.register(reconciler, client, settings.watchNamespaces(), guard, leadership);
        // A standby is woken too, and rightly looks at nothing.
        this.server = server(
                settings, OperatorHealth.of(framework, () -> leadership.mayAct() ? guard.stuck() : Optional.empty()));
        metrics.buildInfo(BuildVersion.current(), pulumi);
        metrics.observeLeadership(leadership::mayAct);
        // A standby knows the Stacks too, but does not look after them: each counts once.
        metrics.observeStacks(() -> leadership.mayAct() ? reconciler.census(clock.instant()) : StackCensus.NONE);
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

    private final class CliProcesses implements CliListener {

        /** The last moment before the CLI is started: a run that was held up for too long must not go on. */
        @Override
        public void starts(String command) {
            if (started && !leadership.mayAct()) {
                throw new EngineException(
                        new Failure(Failure.Kind.CANCELLED, Reason.Interrupted, "the operator does not lead any more"));
            }
            metrics.cliProcessStarted(command);
        }

        @Override
        public void ended() {
            metrics.cliProcessEnded();
        }
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

        Collection<Update> history(StackKey stack) {
            return directory.history(stack);
        }
    }

    /** Starts the controller, then says ready; returns when the caches are filled. */
    public void start() {
        server.start();
        started = true;
        executor.start();
        framework.start();
        leadership.watch(this::leaseLost);
        sweeper.scheduleWithFixedDelay(this::sweep, 0, SWEEP_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        LOG.atInfo()
                .addKeyValue("version", BuildVersion.current())
                .addKeyValue("port", server.port())
                .log("started");
    }

    /** A standby leaves it to the one that leads, until it does so itself. */
    void sweep() {
        if (!leadership.mayAct()) {
            return;
        }
        try {
            reconciler.sweep();
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("what is kept of Stacks that are gone was not looked for");
        }
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
        sweeper.shutdownNow();
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

    /** With a part at random: a Pod that comes back under its name must not be taken for the one that had the lease. */
    static ExecutorStatus self(Map<String, String> environment, String dataDirectory, String pidScope) {
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
