package io.stackwright.operator.stack;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.DeletionPolicy;
import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunRequest.Leftovers;
import io.stackwright.operator.execution.RunRequest.Program;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.RunRequest.Tags;
import io.stackwright.operator.source.Revision;
import io.stackwright.operator.stack.Snapshotter.Gathered;
import io.stackwright.operator.stack.decide.Deletion;
import io.stackwright.operator.stack.decide.NextStep;
import io.stackwright.operator.stack.decide.StackConditions;
import io.stackwright.operator.update.Updates;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/** Writes a run down before it starts: its Update, then the Stack's {@code current}. */
final class RunStarts {

    private final Updates updates;
    private final Identities identities;
    private final Runs.Executors executors;
    private final Predicate<Stack> hasEncrypted;

    /** @param hasEncrypted whether a Pulumi stack was made for a Stack of this name, and neither destroyed nor let go */
    RunStarts(Updates updates, Identities identities, Runs.Executors executors, Predicate<Stack> hasEncrypted) {
        this.hasEncrypted = hasEncrypted;
        this.updates = updates;
        this.identities = identities;
        this.executors = executors;
    }

    /**
     * Records the run in an Update and in the draft.
     *
     * @param unstarted an Update that was recorded before and never started
     * @param waiting the person's Update that the step may name
     */
    RunRequest prepare(
            StatusDraft draft,
            Stack stack,
            Gathered gathered,
            NextStep.Start step,
            Optional<Update> unstarted,
            Optional<Update> waiting,
            Collection<Update> known) {
        Update update = unstarted.orElseGet(() -> step.adHoc().isPresent()
                ? updates.take(waiting.orElseThrow())
                : create(draft, stack, gathered, step, known));
        boolean pins = draft.status().stack() == null;
        if (pins && step.operation() == Operation.Destroy) {
            // The status was lost; without a number, a backend that was made anew would pass for one where all is gone.
            draft.resources(Traces.resources(stack, known, updates));
        }
        StackStatus status = draft.status();
        StackIdentity identity =
                Optional.ofNullable(status.stack()).or(gathered::identity).orElseThrow();
        boolean anew = step.operation() == Operation.Up && step.adHoc().isEmpty() && Requests.recreates(stack, status);
        draft.stack(identity);
        StackStatus.FormerStatus former =
                StackTags.mayChange(step.operation()) ? StackStatus.FormerStatus.of(status, anew) : null;
        if (anew) {
            draft.resources(null);
        }
        doubtApplied(draft, step, update, gathered);
        StackTags tags = tags(stack, status);
        tags.doubt(draft, step.operation(), anew);
        boolean recorded = !Updates.isUnrecorded(update);
        if (recorded && Updates.isOwnedBy(update, stack)) {
            draft.lastUpdate(update.getMetadata().getName());
        }
        draft.current(new StackStatus.CurrentStatus(
                recorded ? update.getMetadata().getName() : null,
                step.operation(),
                stack.getMetadata().getGeneration(),
                gathered.revision().map(Revision::revision).orElse(null),
                fingerprint(gathered, step),
                pins ? true : null,
                gathered.snapshot().now().toString(),
                executors.self(),
                former));
        draft.handled(Requests.open(stack));
        RunRequest request = request(stack, gathered, step, update, identity, status, tags.ofRun());
        return anew ? anew(request) : request;
    }

    /**
     * Puts back what was known before a run that never started: nothing of it is in doubt. An identity that was pinned for
     * it binds nobody; the next decision pins the one that is wanted by then. That of a destroy is the one where something
     * may be left.
     */
    static void putBack(StatusDraft draft, List<Runs.Taken> taken) {
        StackStatus.CurrentStatus current = draft.status().current();
        boolean unstarted = current != null
                && current.operation() != Operation.Destroy
                && taken.stream()
                        .filter(run -> run.standing() instanceof Runs.Standing.Unstarted)
                        .anyMatch(run -> Objects.equals(current.update(), CutShort.nameInStatus(run.update())));
        if (!unstarted) {
            return;
        }
        if (StackTags.mayChange(current.operation())) {
            putBack(draft, Optional.ofNullable(current.former()));
        }
        if (Boolean.TRUE.equals(current.pins())) {
            draft.stack(null);
        }
    }

    private static void putBack(StatusDraft draft, Optional<StackStatus.FormerStatus> former) {
        StackStatus.AppliedStatus applied = draft.status().applied();
        // One without a key either is in doubt for a reason of its own.
        boolean doubted = applied != null && applied.fingerprint() == null && applied.keyId() != null;
        if (doubted) {
            former.map(StackStatus.FormerStatus::fingerprint)
                    .ifPresent(fingerprint ->
                            draft.applied(applied.evidencedBy(fingerprint, applied.keyId(), applied.pulumiVersion())));
        }
        former.map(StackStatus.FormerStatus::resources).ifPresent(draft::resources);
        draft.tagsInDoubt(former.map(StackStatus.FormerStatus::tagsInDoubt).orElse(List.of()));
    }

    /** What is applied is in doubt while an up runs, also one that was claimed when it was to be superseded. */
    static void doubtBegun(StatusDraft draft, List<Runs.Taken> taken) {
        StackStatus.CurrentStatus current = draft.status().current();
        boolean begun = taken.stream()
                .filter(run ->
                        run.standing() instanceof Runs.Standing.Active || run.standing() instanceof Runs.Standing.Lost)
                .map(Runs.Taken::update)
                .filter(update -> StackConditions.isWanted(
                        update.getSpec().operation(), update.getSpec().isTargeted()))
                .anyMatch(
                        update -> current == null || !Objects.equals(current.update(), CutShort.nameInStatus(update)));
        if (begun) {
            OutcomeRecorder.doubtApplied(draft);
        }
    }

    /** As if nothing had ever run: the stack is made if it is not there, and no resource is expected in it. */
    private static RunRequest anew(RunRequest request) {
        StackIdentity identity = request.identity();
        return new RunRequest(
                request.run(),
                request.operation(),
                request.cause(),
                new StackIdentity(
                        identity.organization(), identity.project(), identity.name(), identity.backend(), null),
                request.backendUrl(),
                request.program(),
                request.inputs(),
                request.options(),
                new Tags(request.tags().wanted(), Map.of()),
                OptionalInt.empty(),
                new Leftovers(OnPendingCreate.Stall, Optional.empty()),
                request.execution());
    }

    /**
     * What is applied is not known while an up runs, nor after one that failed or was cut short: until one succeeds the
     * fingerprint of the last success no longer tells that nothing is to be done. One of a part of it, with the same
     * inputs, puts that in doubt only if it does not come to a good end.
     */
    private static void doubtApplied(StatusDraft draft, NextStep.Start step, Update update, Gathered gathered) {
        StackStatus.AppliedStatus applied = draft.status().applied();
        boolean sameInputs = applied != null
                && gathered.snapshot()
                        .fingerprint()
                        .filter(f -> f.equals(applied.fingerprint()))
                        .isPresent();
        boolean partOfTheSame = update.getSpec().isTargeted() && sameInputs;
        if (step.operation() == Operation.Up && !partOfTheSame) {
            OutcomeRecorder.doubtApplied(draft);
        }
    }

    private Update create(
            StatusDraft draft, Stack stack, Gathered gathered, NextStep.Start step, Collection<Update> known) {
        UpdateSpec wanted = wanted(stack, gathered, step);
        try {
            return updates.create(
                    stack,
                    wanted,
                    Optional.ofNullable(draft.status().lastUpdate()),
                    known.stream().map(update -> update.getMetadata().getName()).toList());
        } catch (KubernetesClientException e) {
            if (step.operation() == Operation.Destroy && Updates.isTerminating(e)) {
                // The Stack's status alone has to tell of it.
                return Updates.unrecorded(stack, wanted, executors.self());
            }
            throw e;
        }
    }

    private static UpdateSpec wanted(Stack stack, Gathered gathered, NextStep.Start step) {
        return new UpdateSpec(
                stack.getMetadata().getName(),
                step.operation(),
                step.cause(),
                gathered.revision().map(Revision::revision).orElse(null),
                fingerprint(gathered, step),
                null);
    }

    private static String fingerprint(Gathered gathered, NextStep.Start step) {
        return step.operation() == Operation.Destroy
                ? gathered.snapshot().deletion().map(Deletion::fingerprint).orElse(null)
                : gathered.snapshot().fingerprint().orElse(null);
    }

    /** Whether an Update that was recorded before does what is wanted now. */
    static boolean carriesOut(Update update, NextStep.Start step, Gathered gathered) {
        if (step.adHoc().isPresent()) {
            return step.adHoc().get().equals(update.getMetadata().getName());
        }
        return !Runs.isPersons(update)
                && update.getSpec().operation() == step.operation()
                && Objects.equals(update.getSpec().fingerprint(), fingerprint(gathered, step));
    }

    /** The pinned backend, whatever the spec says by now; the spec's own text where it means the same. */
    private String backendUrl(Stack stack, StackIdentity identity, boolean readable) {
        String url = readable ? identities.backendUrl(stack) : identity.backend();
        return Identities.withoutCredentials(url).equals(identity.backend()) ? url : identity.backend();
    }

    private RunRequest request(
            Stack stack,
            Gathered gathered,
            NextStep.Start step,
            Update update,
            StackIdentity identity,
            StackStatus status,
            Tags tags) {
        List<String> targets = update.getSpec().targets() == null
                ? List.of()
                : update.getSpec().targets();
        boolean readable = SpecRules.problem(stack.getSpec()).isEmpty();
        OperationOptions options = readable
                ? SpecRules.options(stack.getSpec(), step.operation() == Operation.Destroy, targets)
                : SpecRules.destroyOptions();
        return new RunRequest(
                new RunKey(
                        Snapshotter.keyOf(stack),
                        stack.getMetadata().getUid(),
                        update.getMetadata().getName(),
                        update.getMetadata().getUid()),
                step.operation(),
                step.cause(),
                identity,
                backendUrl(stack, identity, readable),
                program(stack, gathered, step, status),
                gathered.inputs().orElseThrow(),
                options.with(pendingCreates(update.getSpec())),
                tags,
                status.resources() == null ? OptionalInt.empty() : OptionalInt.of(status.resources()),
                new Leftovers(
                        SpecRules.onPendingCreate(stack.getSpec()),
                        Requests.unlock(stack),
                        readable && stack.getSpec().deletionPolicy() == DeletionPolicy.Destroy,
                        gathered.destroyCutShort(),
                        hadStack(stack, step, identity)),
                readable ? Optional.ofNullable(stack.getSpec().execution()) : Optional.empty());
    }

    private static StackTags tags(Stack stack, StackStatus status) {
        boolean readable = SpecRules.problem(stack.getSpec()).isEmpty();
        return new StackTags(
                readable && stack.getSpec().tags() != null ? stack.getSpec().tags() : Map.of(), status);
    }

    /** Salts are kept of stacks that are there: a first run that was cut short before it made one has kept none. */
    private boolean hadStack(Stack stack, NextStep.Start step, StackIdentity identity) {
        return identity.adopted() == null && step.operation() != Operation.Destroy && hasEncrypted.test(stack);
    }

    private static OperationOptions.PendingCreates pendingCreates(UpdateSpec spec) {
        if (!spec.isRemedy()) {
            return OperationOptions.PendingCreates.UNKNOWN;
        }
        Map<String, String> existing = new HashMap<>();
        if (spec.importPendingCreates() != null) {
            spec.importPendingCreates().forEach(create -> existing.put(create.urn(), create.id()));
        }
        return new OperationOptions.PendingCreates(Boolean.TRUE.equals(spec.clearPendingCreates()), existing);
    }

    /** A dynamic provider is part of the program: a destroy takes the source that was applied, known or not by now. */
    private static Optional<Program> program(Stack stack, Gathered gathered, NextStep.Start step, StackStatus status) {
        if (stack.getSpec() == null || stack.getSpec().project() == null) {
            return Optional.empty();
        }
        Optional<Revision> revision = gathered.revision();
        boolean lasting = revision.isEmpty() || stack.getSpec().project().git() != null;
        if (step.operation() == Operation.Destroy && lasting) {
            revision = lastKnown(status).map(known -> applied(known, gathered)).or(gathered::revision);
        }
        return revision.map(r -> new Program(stack.getSpec().project(), r));
    }

    private static Optional<String> lastKnown(StackStatus status) {
        return Optional.ofNullable(status.applied())
                .map(StackStatus.AppliedStatus::revision)
                .or(() -> Optional.ofNullable(status.source()).map(StackStatus.SourceStatus::revision));
    }

    private static Revision applied(String known, Gathered gathered) {
        return new Revision(
                known,
                gathered.revision().map(Revision::digest).orElse(""),
                gathered.revision().map(Revision::projectName).orElse(""),
                gathered.revision().map(Revision::runtime).orElse(""));
    }
}
