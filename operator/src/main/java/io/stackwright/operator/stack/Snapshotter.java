package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.DeletionPolicy;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackSpec;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.inputs.Fingerprint;
import io.stackwright.operator.inputs.InputResolver;
import io.stackwright.operator.inputs.InputsState;
import io.stackwright.operator.inputs.ResolvedInputs;
import io.stackwright.operator.source.Revision;
import io.stackwright.operator.source.SourceState;
import io.stackwright.operator.source.Sources;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.stack.decide.ActiveRun;
import io.stackwright.operator.stack.decide.AdHocUpdate;
import io.stackwright.operator.stack.decide.Deletion;
import io.stackwright.operator.stack.decide.Problem;
import io.stackwright.operator.stack.decide.Snapshot;
import io.stackwright.operator.stack.decide.SourceView;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Gathers, once per reconcile and without waiting for anything, what a decision looks at. */
final class Snapshotter {

    private final Sources sources;
    private final InputResolver inputs;
    private final Identities identities;
    private final Fingerprint fingerprint;
    private final Footing footing;
    private final ExecutionRules executionRules;
    private final Clock clock;

    Snapshotter(
            Sources sources,
            InputResolver inputs,
            Identities identities,
            Fingerprint fingerprint,
            Footing footing,
            ExecutionRules executionRules,
            Clock clock) {
        this.executionRules = executionRules;
        this.footing = footing;
        this.sources = sources;
        this.inputs = inputs;
        this.identities = identities;
        this.fingerprint = fingerprint;
        this.clock = clock;
    }

    /**
     * A snapshot together with what a run would be made of.
     *
     * @param revision present when the source is known
     * @param inputs present when they resolve
     * @param identity present when the source is known, or the pinned one
     * @param destroyCutShort whether a destroy was cut short since the last up
     */
    record Gathered(
            Snapshot snapshot,
            Optional<Revision> revision,
            Optional<ResolvedInputs> inputs,
            Optional<StackIdentity> identity,
            boolean destroyCutShort) {}

    /**
     * What is known of the Stack's Updates.
     *
     * @param requestedBefore whether a request was taken up whose run never started
     * @param traces whether something may be left, whatever the status says
     * @param destroyCutShort whether a destroy was cut short since the last up
     */
    record Pending(
            Optional<ActiveRun> active,
            Optional<AdHocUpdate> adHoc,
            boolean requestedBefore,
            boolean traces,
            boolean destroyCutShort) {}

    Gathered gather(Stack stack, StackStatus status, Pending pending, StackDirectory directory) {
        Optional<Problem> specProblem = SpecRules.problem(stack.getSpec())
                .or(() -> executionRules.problem(stack.getMetadata().getNamespace(), stack.getSpec()));
        boolean deleting = stack.getMetadata().getDeletionTimestamp() != null;
        Parts parts = new Parts();
        Map<String, String> requests =
                pending.requestedBefore() ? Map.of(Cause.Requested.name(), "") : Requests.open(stack);
        if (specProblem.isEmpty()) {
            SourceState source = sources.resolve(keyOf(stack), stack.getSpec().project(), Requests.asked(stack));
            gatherSource(parts, source);
            gatherInputs(parts, stack, deleting);
            gatherIdentity(parts, stack, status, directory);
        } else if (deleting) {
            parts.inputs = Optional.of(none());
        }
        Optional<String> present = deleting ? Optional.empty() : fingerprint(parts, stack);
        Snapshot snapshot = new Snapshot(
                clock.instant().truncatedTo(ChronoUnit.SECONDS),
                stack.getMetadata().getGeneration(),
                deleting ? Optional.of(deletion(stack, status, parts, pending.traces())) : Optional.empty(),
                stack.getSpec() != null && Boolean.TRUE.equals(stack.getSpec().suspend()),
                SpecRules.supersedes(stack.getSpec()),
                status,
                pending.active(),
                specProblem,
                parts.identityProblem,
                parts.source,
                parts.inputsProblem,
                present,
                requests,
                pending.adHoc(),
                unverified(stack, status, parts, present));
        return new Gathered(
                snapshot,
                parts.revision,
                parts.inputs,
                Optional.ofNullable(status.stack()).or(() -> parts.identity),
                pending.destroyCutShort());
    }

    private static final class Parts {
        private SourceView source = SourceView.pending();
        private Optional<Revision> revision = Optional.empty();
        private Optional<ResolvedInputs> inputs = Optional.empty();
        private Optional<Problem> inputsProblem = Optional.empty();
        private Optional<StackIdentity> identity = Optional.empty();
        private Optional<Problem> identityProblem = Optional.empty();
    }

    private static void gatherSource(Parts parts, SourceState state) {
        switch (state) {
            case SourceState.Pending pending -> {}
            case SourceState.Looking(SourceState known) -> {
                gatherSource(parts, known);
                parts.source = parts.source.beingAsked();
            }
            case SourceState.Resolved(Revision revision, var since, String problem) -> {
                parts.revision = Optional.of(revision);
                parts.source = new SourceView(
                        Optional.of(revision.revision()),
                        since.map(instant -> new Problem(Reason.SourceUnavailable, problem)),
                        since);
            }
            case SourceState.Unresolved(Reason reason, String message) ->
                parts.source = SourceView.missing(new Problem(reason, message));
        }
    }

    private void gatherInputs(Parts parts, Stack stack, boolean deleting) {
        String namespace = stack.getMetadata().getNamespace();
        InputsState state = inputs.resolve(namespace, stack.getSpec());
        if (deleting && state instanceof InputsState.NotReady) {
            state = inputs.resolve(namespace, forDeletion(stack.getSpec()));
        }
        switch (state) {
            case InputsState.Ready(ResolvedInputs resolved) -> parts.inputs = Optional.of(resolved);
            case InputsState.NotReady(Reason reason, String message) ->
                parts.inputsProblem = Optional.of(new Problem(reason, message));
        }
    }

    /** A destroy needs credentials and passphrase; a configuration value that is gone must not hold it up. */
    private static StackSpec forDeletion(StackSpec spec) {
        return new StackSpec(
                spec.stackName(),
                spec.project(),
                spec.backend(),
                spec.secretsProvider(),
                null,
                null,
                spec.env(),
                spec.envFrom(),
                spec.tags(),
                spec.outputs(),
                spec.updates(),
                spec.deletionPolicy(),
                spec.suspend(),
                spec.historyLimit(),
                spec.execution());
    }

    private void gatherIdentity(Parts parts, Stack stack, StackStatus status, StackDirectory directory) {
        if (parts.revision.isEmpty()) {
            return;
        }
        StackIdentity wanted = identities.wanted(stack, parts.revision.get().projectName());
        parts.identity = Optional.of(wanted);
        parts.identityProblem = identities.refusedBackend(stack).or(() -> Identities.changed(status.stack(), wanted));
        if (parts.identityProblem.isEmpty()
                && (status.stack() == null || status.stack().adopted() == null)
                && directory.isPinnedByAnother(
                        identities.key(stack.getMetadata().getNamespace(), wanted),
                        stack.getMetadata().getUid())) {
            parts.identityProblem = Optional.of(new Problem(
                    Reason.IdentityClaimed,
                    "another Stack manages the Pulumi stack " + wanted.qualifiedName()
                            + " in this backend; use another spec.stackName, project name or spec.backend.url"));
        }
    }

    private Optional<String> fingerprint(Parts parts, Stack stack) {
        if (parts.revision.isEmpty() || parts.inputs.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(fingerprint.of(parts.revision.get().digest(), stack.getSpec(), parts.inputs.get()));
    }

    private Deletion deletion(Stack stack, StackStatus status, Parts parts, boolean traces) {
        // Of a Git repository the applied revision is taken, whatever there is by now.
        Optional<String> source = Optional.ofNullable(stack.getSpec())
                .map(StackSpec::project)
                .filter(project -> project.git() == null)
                .flatMap(project -> parts.revision.map(Revision::digest));
        ResolvedInputs with = parts.inputs.orElseGet(Snapshotter::none);
        return new Deletion(
                deletionPolicy(stack, status),
                stack.getMetadata().getUid(),
                Requests.abandon(stack),
                fingerprint.ofDeletion(stack.getMetadata().getGeneration(), source, with),
                traces);
    }

    private static ResolvedInputs none() {
        return new ResolvedInputs(List.of(), Map.of(), Set.of(), Optional.empty());
    }

    /**
     * Whether only the footing differs, as far as can be told: what is known to have changed needs no second look. An
     * earlier operator has not noted the version; that alone is no doubt.
     */
    private boolean unverified(Stack stack, StackStatus status, Parts parts, Optional<String> present) {
        StackStatus.AppliedStatus applied = status.applied();
        if (applied == null || applied.fingerprint() == null || present.isEmpty()) {
            return false;
        }
        if (footing.keyId().equals(applied.keyId())) {
            boolean otherPulumi =
                    applied.pulumiVersion() != null && !footing.pulumiVersion().equals(applied.pulumiVersion());
            return otherPulumi && present.get().equals(applied.fingerprint());
        }
        return stack.getMetadata().getGeneration().equals(applied.generation())
                && parts.revision.orElseThrow().revision().equals(applied.revision());
    }

    private static DeletionPolicy deletionPolicy(Stack stack, StackStatus status) {
        if (stack.getSpec() != null && stack.getSpec().deletionPolicy() != null) {
            return stack.getSpec().deletionPolicy();
        }
        boolean adopted = status.stack() != null && status.stack().wasAdopted();
        return adopted ? DeletionPolicy.Retain : DeletionPolicy.Destroy;
    }

    static StackKey keyOf(Stack stack) {
        return new StackKey(
                stack.getMetadata().getNamespace(), stack.getMetadata().getName());
    }
}
