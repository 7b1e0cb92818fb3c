package io.stackwright.operator.execution.job;

import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.runner.EncryptionMaterial.Material;
import io.stackwright.operator.settings.OperatorSettings.LogFormat;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that a Job is given; holds secrets. No names of other Stacks or namespaces are in it.
 *
 * @param version of this format; a runner that does not know it runs nothing
 * @param request the run
 * @param references what its source refers to
 * @param encryption what the stack's secrets are encrypted with
 * @param installation id of this installation of the operator
 * @param goneOwners uids of Stacks that do not exist any more: their mark on a Pulumi stack binds nobody
 * @param dead earlier runs of this Stack that are proven dead: their locks may be released
 * @param limits of fetching sources
 * @param log how the Job logs
 * @param traces where the CLI sends traces, as it takes it; holds no secrets
 */
public record RunInput(
        int version,
        RunRequest request,
        CapturedReferences references,
        Material encryption,
        String installation,
        Set<String> goneOwners,
        List<DeadRun> dead,
        SourceLimits limits,
        Log log,
        Optional<String> traces) {

    /** The version that is written, and the only one that is read. */
    public static final int VERSION = 1;

    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    /**
     * A run whose pod is proven to have ended without its report.
     *
     * @param update name of its Update
     * @param host name of its pod, which Pulumi writes into locks
     * @param from when it began
     * @param to when it was dead; later locks of that name are not its own
     */
    public record DeadRun(String update, String host, Instant from, Optional<Instant> to) {

        /** Whether it held a lock that was taken on that host at that time, by a clock that may be another one. */
        boolean held(String lockHost, Instant since) {
            return host.equals(lockHost)
                    && !since.isBefore(from.minus(CLOCKS_DIFFER))
                    && to.filter(end -> since.isAfter(end.plus(CLOCKS_DIFFER))).isEmpty();
        }
    }

    /**
     * Limits of fetching sources, as the operator's settings have them.
     *
     * @param allowedHosts hosts exempt from the block on loopback, link-local and metadata addresses
     * @param maxBytes largest size of a fetched source
     * @param timeout longest time of a fetch
     */
    public record SourceLimits(Set<String> allowedHosts, long maxBytes, Duration timeout) {}

    /** Shape of log lines, and the least severe level of our own. */
    public record Log(LogFormat format, String level) {}

    public RunInput {
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(encryption, "encryption");
        Objects.requireNonNull(installation, "installation");
        Objects.requireNonNull(limits, "limits");
        request = whole(request);
        references = references == null ? CapturedReferences.none() : references;
        goneOwners = Set.copyOf(goneOwners);
        dead = List.copyOf(dead);
        log = new Log(
                log == null || log.format() == null ? LogFormat.JSON : log.format(),
                log == null || log.level() == null ? "info" : log.level());
    }

    /** Of this version. */
    public RunInput(
            RunRequest request,
            CapturedReferences references,
            Material encryption,
            String installation,
            Set<String> goneOwners,
            List<DeadRun> dead,
            SourceLimits limits,
            Log log) {
        this(VERSION, request, references, encryption, installation, goneOwners, dead, limits, log, Optional.empty());
    }

    /** The same, with traces sent there. */
    RunInput tracedTo(Optional<String> collector) {
        return new RunInput(
                version, request, references, encryption, installation, goneOwners, dead, limits, log, collector);
    }

    /** The Update whose dead run held a lock. */
    Optional<String> heldBy(String host, Instant since) {
        return dead.stream()
                .filter(run -> run.held(host, since))
                .map(DeadRun::update)
                .findFirst();
    }

    /** For the key {@link RunObjects#RUN}. */
    public byte[] toBytes() {
        return Wire.write(this);
    }

    /** @throws IOException when it is none, or of another version */
    public static RunInput read(byte[] document) throws IOException {
        RunInput input = Wire.read(document, RunInput.class);
        if (input.version() != VERSION) {
            throw new IOException("it has version " + input.version() + ", this runner reads " + VERSION);
        }
        return input;
    }

    /** A part that an older operator does not know is what it was before there was that part. */
    private static RunRequest whole(RunRequest request) {
        Objects.requireNonNull(request.run(), "run");
        Objects.requireNonNull(request.operation(), "operation");
        Objects.requireNonNull(request.identity(), "identity");
        Objects.requireNonNull(request.backendUrl(), "backendUrl");
        Objects.requireNonNull(request.inputs(), "inputs");
        Objects.requireNonNull(request.options(), "options");
        OnPendingCreate onPendingCreate =
                request.leftovers() == null ? null : request.leftovers().onPendingCreate();
        return new RunRequest(
                request.run(),
                request.operation(),
                request.cause(),
                request.identity(),
                request.backendUrl(),
                request.program(),
                request.inputs(),
                whole(request.options()),
                request.tags() == null ? new RunRequest.Tags(Map.of(), Map.of()) : request.tags(),
                request.resources(),
                new RunRequest.Leftovers(
                        onPendingCreate == null ? OnPendingCreate.Stall : onPendingCreate,
                        request.leftovers() == null
                                ? Optional.empty()
                                : request.leftovers().unlock(),
                        request.leftovers() != null && request.leftovers().destroysAdopted(),
                        request.leftovers() != null && request.leftovers().destroyCutShort(),
                        request.leftovers() != null && request.leftovers().hadStack()));
    }

    private static OperationOptions whole(OperationOptions options) {
        Objects.requireNonNull(options.timeout(), "timeout");
        Objects.requireNonNull(options.grace(), "grace");
        return options.pendingCreates() == null ? options.with(OperationOptions.PendingCreates.UNKNOWN) : options;
    }

    /** Holds secrets. */
    @Override
    public String toString() {
        return "RunInput[" + request + "]";
    }
}
