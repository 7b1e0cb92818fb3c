package io.stackwright.api.v1alpha1;

/**
 * Why a condition is as it is: every reason that this API uses.
 *
 * <p>{@link #stalls()} tells whether the reason is one that only a person, or a change of an input, can clear.
 */
public enum Reason {
    /** What was asked for is applied. */
    Applied,
    /** Work is being done for the first time or for changed inputs. */
    Progressing,
    /** The last attempt failed; another one is planned. */
    ProgressingWithRetry,
    /** The program or a resource failed; it is tried again with a growing delay. */
    UpdateFailed,
    /** The operation took longer than {@code updates.timeout}; it is tried again. */
    TimedOut,
    /** The backend cannot be reached; it is tried again. */
    BackendUnavailable,
    /** No space is left for the operator's files, or in a backend of files; it is tried again. */
    DiskFull,
    /** The source cannot be reached; it is tried again. */
    SourceUnavailable,
    /** The source has not been resolved yet. */
    SourceNotReady,
    /** A referenced Secret or ConfigMap, or a key in it, does not exist yet. */
    InputsNotReady,
    /** Somebody else holds the stack's lock; it is tried again. */
    Locked,
    /** {@code spec.suspend} is true and something is not applied. */
    Suspended,
    /** The object is being deleted. */
    Deleting,
    /** Destroying the resources failed; it is tried again. */
    DestroyFailed,
    /** The executor of the run went away; it is being recovered. */
    Interrupted,
    /** An Update waits for its turn. */
    Queued,
    /** An Update names a Stack that does not exist. */
    StackNotFound,
    /** An Update ended well. */
    Succeeded,
    /** No node has room for the pod of a run, or none fits it; it waits. */
    Unschedulable,
    /** An image of the pod of a run cannot be pulled; it is tried again. */
    ImagePullFailed,
    /** A quota of the namespace leaves no room for the pod of a run; it waits. */
    QuotaExceeded,
    /** The ServiceAccount of {@code spec.execution.serviceAccountName} does not exist; its run waits for it. */
    ServiceAccountNotFound,
    /** The pod of a run is refused, or its containers cannot be started; it is tried again. */
    PodNotStarted,
    /** A run, or a process that it had started, was killed because memory ran out; it is tried again. */
    OOMKilled,
    /** The pod of a run was evicted, preempted or lost with its node; it is tried again. */
    Evicted,
    /** The Job of a run took longer than its deadline, waiting included; it is tried again. */
    DeadlineExceeded,
    /** The pod of a run ended without a report of what it did; it is tried again. */
    PodFailed,
    /** Nothing can be started in a namespace that is being deleted. */
    NamespaceTerminating,

    /** Given up at deletion, on a person's word: the resources were left as they are. */
    Abandoned,

    /** A field of the spec is wrong; the message names it and the remedy. */
    InvalidSpec(true),
    /** The source's content is wrong: no Pulumi.yaml, an unreadable one, an unsafe path, an unknown revision. */
    SourceInvalid(true),
    /** The source is one the operator does not fetch from. */
    SourceNotAllowed(true),
    /** Credentials for the source are refused. */
    SourceAuthenticationFailed(true),
    /** A referenced value cannot be used: not text, an illegal key, two values for one key. */
    InputsInvalid(true),
    /** Backend, organisation, project or stack name differ from the pinned identity. */
    IdentityChanged(true),
    /** Another Stack owns this Pulumi stack. */
    IdentityClaimed(true),
    /** The project's configuration schema refuses the configuration. */
    ConfigInvalid(true),
    /** The passphrase does not open the stack's secrets. */
    PassphraseIncorrect(true),
    /** The state of a stack that had one is gone or empty: an up would create everything a second time. */
    StateMissing(true),
    /** The state cannot be read: it is damaged. */
    StateCorrupt(true),
    /** The backend is a folder, and no volume that lasts is mounted there in the pods of runs. */
    BackendRequired(true),
    /** A committed stack settings file contradicts the Stack. */
    SettingsConflict(true),
    /** The backend refuses the credentials. */
    BackendAuthenticationFailed(true),
    /** The language or provider plugin that the program needs is missing. */
    RuntimeMissing(true),
    /** Installing the program's dependencies failed; it is tried again. */
    InstallFailed,
    /** The Pulumi CLI is missing or too old. */
    UnsupportedPulumi(true),
    /** An object with the name of the outputs Secret exists and belongs to somebody else. */
    OutputsConflict(true),
    /** The API server refuses the outputs Secret (quota, permissions), or fails to write it; it is tried again. */
    OutputsRefused,
    /** The API server refuses what the operator has to read or write (quota, permissions, admission); it is tried again. */
    ApiRefused,
    /** The API server cannot be reached, is overloaded, or an object changed meanwhile; it is tried again. */
    ApiUnavailable,
    /** The outputs do not fit into a Secret. */
    OutputsTooLarge(true),
    /** An output's name or mapped key cannot be a key of a Secret, or two outputs share one. */
    OutputsInvalid(true),
    /** A run was cut short while it created resources: a person has to say whether they exist. */
    PendingCreates(true),
    /** A person cancelled the run. */
    Cancelled(true),
    /** Something newer took the place of this Update before it started. */
    Superseded,
    /** A resource is protected, so destroying was refused. */
    ProtectedResources(true),
    /** The operator itself made a mistake; it is tried again. */
    InternalError;

    private final boolean stalls;

    Reason() {
        this(false);
    }

    Reason(boolean stalls) {
        this.stalls = stalls;
    }

    /** Whether nothing but a person or a changed input can clear this reason. */
    public boolean stalls() {
        return stalls;
    }
}
