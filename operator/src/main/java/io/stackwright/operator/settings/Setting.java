package io.stackwright.operator.settings;

import java.util.Locale;

/**
 * Every setting of the operator, once: flags, environment variables, {@code --help} and the reference page are derived
 * from this table.
 */
enum Setting {
    DATA_DIR(
            "PATH",
            "/var/lib/stackwright",
            "Folder for caches, workspaces, run logs and, with the default backend, the state. Created when missing.",
            "a path; a relative one counts from the working directory"),
    OPERATOR_NAMESPACE(
            "NAMESPACE",
            "the pod's namespace, else stackwright-system",
            "Namespace in which the operator keeps objects of its own.",
            "the name of a namespace"),
    WATCH_NAMESPACES(
            "NAMESPACE[,…]",
            "all namespaces",
            "Namespaces whose Stacks are reconciled.",
            "names of namespaces, separated by commas; empty for all"),
    BACKEND_URL(
            "URL",
            "file://<data-dir>/state/{namespace}",
            "Pulumi backend of Stacks that name none. `{namespace}` stands for the Stack's namespace and keeps tenants"
                    + " apart.",
            "a URL of scheme file (absolute path), s3, gs, azblob, postgres or https; the only placeholder is"
                    + " {namespace}, and not in the query"),
    EXECUTION(
            "MODE",
            "Embedded",
            "Where Pulumi operations run: Embedded, as processes of this operator, which then is one trust domain with"
                    + " all its Stacks; or Job, each as a Kubernetes Job in the Stack's namespace. Change it when"
                    + " nothing runs.",
            "Embedded or Job"),
    RUNNER_IMAGE(
            "IMAGE",
            "none",
            "Image that Jobs take the runner from: the operator's own. Required with --execution Job.",
            "a reference of a container image"),
    RUNNER_PULL_POLICY(
            "POLICY",
            "IfNotPresent",
            "When nodes pull --runner-image: Always where its tag is built anew, or nodes keep the runner of an older"
                    + " operator.",
            "Always, IfNotPresent or Never"),
    JOB_IMAGE(
            "IMAGE",
            "pulumi/pulumi:3.250.0-nonroot",
            "Image in which Jobs run Pulumi, for Stacks that name none: any with glibc and the Pulumi CLI.",
            "a reference of a container image"),
    JOB_TTL(
            "DURATION",
            "1h",
            "How long a Job, and with it its pod and log, is kept once its end has been taken up. It goes earlier with"
                    + " its Update.",
            "a duration from 0s to 720h, for example 30m"),
    WORKERS(
            "NUMBER",
            "the number of processors, at least 2; 64 with --execution Job",
            "Pulumi operations that run at once. With --execution Job, those that wait for a node, an image or a quota"
                    + " do not count.",
            "a whole number from 1 to 256"),
    PULUMI(
            "COMMAND",
            "pulumi",
            "The Pulumi CLI: a path, or a name that is looked up on PATH.",
            "an absolute path, or a name without slashes"),
    HTTP_PORT(
            "PORT",
            "8080",
            "Port of /livez, /readyz and /metrics; 0 picks a free one.",
            "a whole number from 0 to 65535"),
    SOURCE_ALLOWED_HOSTS(
            "HOST[,…]",
            "none",
            "Hosts that sources may be fetched from although they have a loopback, link-local or metadata address;"
                    + " private networks are allowed anyway.",
            "host names or IP addresses, separated by commas"),
    SOURCE_MAX_BYTES(
            "SIZE",
            "128Mi",
            "Largest size of a fetched source.",
            "bytes, with Ki, Mi or Gi if wanted, from 1Ki to 16Gi, for example 128Mi"),
    SOURCE_TIMEOUT(
            "DURATION",
            "2m",
            "Longest time that one look at, or one fetch of, a source may take.",
            "a duration from 1s to 1h, for example 90s or 2m"),
    SHUTDOWN_GRACE(
            "DURATION",
            "5m",
            "How long running Pulumi operations may take to end after SIGTERM. The pod's"
                    + " terminationGracePeriodSeconds must be longer.",
            "a duration from 0s to 24h, for example 90s or 1h30m"),
    LEADER_ELECTION(
            "BOOLEAN",
            "false",
            "Whether this is one of several operators, of which one works and the others stand by. The one that works"
                    + " holds the Lease named by --lease-name in --operator-namespace. Each has a data directory of its"
                    + " own.",
            "true or false"),
    LEASE_NAME("NAME", "stackwright", "Lease that the operators compete for.", "the name of an object"),
    LEASE_DURATION(
            "DURATION",
            "15s",
            "How long the others wait after the last sign of life of the one that works, before one of them takes"
                    + " over.",
            "a duration from 1s to 10m, longer than --lease-renew-deadline"),
    LEASE_RENEW_DEADLINE(
            "DURATION",
            "10s",
            "How long the one that works goes on without having renewed its lease. Then it changes nothing any more,"
                    + " asks running operations to stop, and ends.",
            "a duration from 1s to 10m, longer than 1.2 times --lease-retry-period"),
    LEASE_RETRY_PERIOD(
            "DURATION", "2s", "How often the lease is renewed, or tried to be taken.", "a duration from 1s to 10m"),
    LOG_FORMAT("FORMAT", "json", "Shape of log lines.", "json or text"),
    LOG_LEVEL(
            "LEVEL",
            "info",
            "Least severe level of the operator's own log lines; libraries log warnings and errors only.",
            "error, warn, info, debug or trace");

    /** What the names of all environment variables of the operator start with. */
    static final String ENVIRONMENT_PREFIX = "STACKWRIGHT_";

    private final String placeholder;
    private final String defaultText;
    private final String description;
    private final String allowed;

    Setting(String placeholder, String defaultText, String description, String allowed) {
        this.placeholder = placeholder;
        this.defaultText = defaultText;
        this.description = description;
        this.allowed = allowed;
    }

    /** Long option, for example {@code --data-dir}. */
    String flag() {
        return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Environment variable, for example {@code STACKWRIGHT_DATA_DIR}. */
    String variable() {
        return ENVIRONMENT_PREFIX + name();
    }

    /** What stands for the value in the usage text. */
    String placeholder() {
        return placeholder;
    }

    /** The default in words that are true on every machine. */
    String defaultText() {
        return defaultText;
    }

    String description() {
        return description;
    }

    /** Which values are accepted. */
    String allowed() {
        return allowed;
    }
}
