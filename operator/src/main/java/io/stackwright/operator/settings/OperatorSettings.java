package io.stackwright.operator.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How this operator runs; read once at start, never changed.
 *
 * @param dataDirectory state, caches and workspaces
 * @param operatorNamespace where the operator keeps objects of its own
 * @param watchNamespaces namespaces whose Stacks are reconciled; empty for all
 * @param backendUrl backend of Stacks that name none; {@code {namespace}} stands for the Stack's namespace
 * @param workers Pulumi operations at once
 * @param pulumiCommand path of the CLI, or a name looked up on PATH
 * @param httpPort port of probes and metrics; 0 picks a free one
 * @param sourceAllowedHosts hosts exempt from the block on loopback, link-local and metadata addresses
 * @param sourceMaxBytes largest size of a fetched source
 * @param sourceTimeout longest time of one look at, or fetch of, a source
 * @param shutdownGrace how long running operations may take to end after SIGTERM
 * @param logFormat shape of log lines
 * @param logLevel least severe level of the operator's own log lines: {@code error}, {@code warn}, {@code info}, {@code debug} or
 *     {@code trace}
 * @param leaderElection present when this is one of several operators, of which one works
 * @param jobs present when operations run as Kubernetes Jobs, and not as processes of this operator
 */
public record OperatorSettings(
        Path dataDirectory,
        String operatorNamespace,
        Set<String> watchNamespaces,
        String backendUrl,
        int workers,
        String pulumiCommand,
        int httpPort,
        Set<String> sourceAllowedHosts,
        long sourceMaxBytes,
        Duration sourceTimeout,
        Duration shutdownGrace,
        LogFormat logFormat,
        String logLevel,
        Optional<LeaderElection> leaderElection,
        Optional<Jobs> jobs) {

    /**
     * How Jobs are made.
     *
     * @param runnerImage what the runner comes from
     * @param runnerPullPolicy when a node pulls that: {@code Always}, {@code IfNotPresent} or {@code Never}
     * @param image what Pulumi runs in, for Stacks that name none
     * @param ttl how long a Job is kept once its end has been taken up
     */
    public record Jobs(String runnerImage, String runnerPullPolicy, String image, Duration ttl) {

        /** Images that never change under their names. */
        public Jobs(String runnerImage, String image, Duration ttl) {
            this(runnerImage, "IfNotPresent", image, ttl);
        }
    }

    /**
     * How several operators agree on the one that works.
     *
     * @param leaseName name of the Lease in {@link #operatorNamespace()}
     * @param leaseDuration how long the others wait after the last renewal
     * @param renewDeadline how long the holder goes on without a renewal; shorter than that
     * @param retryPeriod between two attempts
     */
    public record LeaderElection(
            String leaseName, Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {}

    public OperatorSettings {
        watchNamespaces = Set.copyOf(watchNamespaces);
        sourceAllowedHosts = Set.copyOf(sourceAllowedHosts);
    }

    /** Settings of an operator that is the only one, and runs operations itself. */
    public OperatorSettings(
            Path dataDirectory,
            String operatorNamespace,
            Set<String> watchNamespaces,
            String backendUrl,
            int workers,
            String pulumiCommand,
            int httpPort,
            Set<String> sourceAllowedHosts,
            long sourceMaxBytes,
            Duration sourceTimeout,
            Duration shutdownGrace,
            LogFormat logFormat,
            String logLevel) {
        this(
                dataDirectory,
                operatorNamespace,
                watchNamespaces,
                backendUrl,
                workers,
                pulumiCommand,
                httpPort,
                sourceAllowedHosts,
                sourceMaxBytes,
                sourceTimeout,
                shutdownGrace,
                logFormat,
                logLevel,
                Optional.empty(),
                Optional.empty());
    }

    /** The same for Jobs, or for none. */
    public OperatorSettings with(Optional<Jobs> jobs) {
        return new OperatorSettings(
                dataDirectory,
                operatorNamespace,
                watchNamespaces,
                backendUrl,
                workers,
                pulumiCommand,
                httpPort,
                sourceAllowedHosts,
                sourceMaxBytes,
                sourceTimeout,
                shutdownGrace,
                logFormat,
                logLevel,
                leaderElection,
                jobs);
    }

    /** {@link #backendUrl()} can hold a password. */
    @Override
    public String toString() {
        return "OperatorSettings[dataDirectory=" + dataDirectory + ", backendUrl=" + BackendUrl.masked(backendUrl)
                + ", workers=" + workers + ", watchNamespaces=" + watchNamespaces + "]";
    }

    /** Shape of log lines. */
    public enum LogFormat {
        JSON,
        TEXT
    }
}
