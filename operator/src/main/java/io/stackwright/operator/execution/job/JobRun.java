package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.PassphraseKeys;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.automation.AutomationEngine;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.recovery.EvidenceStore;
import io.stackwright.operator.execution.recovery.Recovery;
import io.stackwright.operator.execution.runner.CacheFolder;
import io.stackwright.operator.execution.runner.RunEnvironment;
import io.stackwright.operator.execution.runner.RunLog;
import io.stackwright.operator.execution.runner.RunPaths;
import io.stackwright.operator.execution.runner.RunReporter;
import io.stackwright.operator.execution.runner.RunStatusWriter;
import io.stackwright.operator.execution.runner.SettingsFiles;
import io.stackwright.operator.execution.runner.UpdateRunner;
import io.stackwright.operator.kube.KubeClients;
import io.stackwright.operator.settings.BuildVersion;
import io.stackwright.operator.source.ProjectSources;
import io.stackwright.operator.source.SourceLimits;
import io.stackwright.operator.source.Sources;
import io.stackwright.operator.telemetry.Tracing;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run in its Job, wired: the same {@link UpdateRunner} as in the operator's pod, with everything it asks captured. */
final class JobRun {

    /** How long the end of a run is offered to an API server that is away. */
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(JobRun.class);

    private final InputFolder folder;
    private final RunRequest request;
    private final Path work;
    private final Path cache;
    private final Map<String, String> environment;
    private final RunLog log;
    private final Clock clock = Clock.systemUTC();
    private final Patience patience = new Patience(PATIENCE);

    /**
     * Creates it; nothing is done yet.
     *
     * @param work folder for everything of the run
     * @param cache folder that outlives runs, where there is one
     * @param environment of this process
     * @param log shows what Pulumi said
     */
    JobRun(InputFolder folder, Path work, Path cache, Map<String, String> environment, RunLog log) {
        this.folder = folder;
        this.request = folder.run().request();
        this.work = work;
        this.cache = cache;
        this.environment = environment;
        this.log = log;
    }

    /** Runs, and reports. */
    ExitCode run(CancelToken cancel) {
        PulumiEngine engine = new AutomationEngine(
                "pulumi",
                environment.getOrDefault("PATH", ""),
                new LoggedCommands(),
                tracing().endpoint());
        Thread.ofVirtual().name("pulumi-version").start(() -> askVersion(engine));
        try (KubernetesClient client = new KubeClients(folder.client(), BuildVersion.current()).create()) {
            ResultSecret result = new ResultSecret(client, request.run());
            CapturedOwners owners = new CapturedOwners(folder.run());
            JobReporter reporter = new JobReporter(
                    new RunStatusWriter(client, client, claimed -> {}, request.run(), self()),
                    patience,
                    new Patience(PATIENCE, cancel::isCancelled));
            RunOutcome outcome;
            try (Sources sources = sources()) {
                outcome = runner(engine, sources, result, owners).run(request, reporter, cancel);
            } catch (RunReporter.ClaimLostException e) {
                LOG.atWarn().addKeyValue("cause", e.getMessage()).log("nothing was done: this run is not this pod's");
                return ExitCode.NOT_RUN;
            } catch (RuntimeException e) {
                if (!reporter.isClaimed()) {
                    LOG.atError().setCause(e).log("nothing was done: the Update could not be claimed");
                    return ExitCode.NOT_RUN;
                }
                LOG.atError().setCause(e).log("run ended by a mistake of the runner");
                outcome = RunOutcome.failed(RunOutcome.mistake(e));
            }
            return report(outcome, owners, result, reporter);
        }
    }

    /** The pod template may name another collector than the operator has. */
    private Tracing tracing() {
        return Tracing.of(environment).or(folder.run().traces());
    }

    /** Meanwhile the Update is claimed: the answer is remembered. */
    private static void askVersion(PulumiEngine engine) {
        try {
            engine.version();
        } catch (EngineException e) {
            // The run asks again, and fails of it.
        }
    }

    private Sources sources() {
        RunInput.SourceLimits limits = folder.run().limits();
        return new ProjectSources(
                new SourceLimits(work, limits.allowedHosts(), limits.maxBytes(), limits.timeout()),
                folder.run().references(),
                clock,
                stack -> {},
                (kind, succeeded, took) -> {});
    }

    private UpdateRunner runner(PulumiEngine engine, Sources sources, ResultSecret result, CapturedOwners owners) {
        RunPaths paths = new RunPaths(work, CacheFolder.at(cache));
        LinuxProcesses processes = new LinuxProcesses();
        return new UpdateRunner(
                engine,
                sources,
                new SettingsFiles(
                        new CapturedEncryption(folder.run().encryption(), result, patience), new PassphraseKeys(1)),
                owners,
                paths,
                log,
                new Recovery(engine, new EvidenceStore(work, processes, clock), processes, folder.run()::heldBy),
                RunEnvironment.ofPod(environment, paths, Set.of(folder.token()), tracing()),
                clock);
    }

    /** The pod: its uid is what nobody else has, its host name is what Pulumi writes into locks. */
    private ExecutorStatus self() {
        String host = new LinuxProcesses().hostName();
        return new ExecutorStatus(environment.getOrDefault(RunObjects.POD_UID, host), host, null, null);
    }

    private ExitCode report(RunOutcome outcome, CapturedOwners owners, ResultSecret secret, JobReporter reporter) {
        Optional<RunResult.ForeignOwner> foreign = outcome.failure()
                .filter(failure -> failure.reason() == Reason.IdentityClaimed)
                .flatMap(failure -> owners.met());
        byte[] document = new RunResult(outcome, foreign).toBytes();
        try {
            patience.insist("keeping the outcome", () -> secret.put(RunObjects.OUTCOME, document));
            reporter.writeEnd();
        } catch (KubernetesClientException e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("result", outcome.result())
                    .log("the run has ended, and its outcome could not be reported");
            return ExitCode.NOT_REPORTED;
        }
        LOG.atInfo()
                .addKeyValue("result", outcome.result())
                .addKeyValue(
                        "message",
                        outcome.failure()
                                .map(failure -> failure.reason() + ": " + failure.message())
                                .orElse(""))
                .log("ended");
        return ExitCode.of(outcome.result());
    }
}
