package io.stackwright.operator.execution.runner;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.Workspace;
import java.util.Map;
import java.util.Optional;

/** Creates a Pulumi stack, or finds it, and makes sure that it is this Stack's alone. */
final class Ownership {

    private final PulumiEngine engine;
    private final StackOwners owners;

    Ownership(PulumiEngine engine, StackOwners owners) {
        this.engine = engine;
        this.owners = owners;
    }

    /**
     * Creates or takes the stack.
     *
     * @return whether it had resources before a Stack of this operator took it
     * @throws EngineException {@code IdentityClaimed} when another Stack has it
     */
    boolean establish(Workspace workspace, String backendUrl, String namespace, String stackUid) {
        if (engine.createStack(workspace)) {
            return mark(workspace, backendUrl, new OwnershipMark(owners.installation(), namespace, stackUid, false));
        }
        Optional<OwnershipMark> found = read(workspace);
        boolean adopted = false;
        if (found.isEmpty()) {
            adopted = hasResources(workspace);
            // Whoever has created it just now marks it next, and has had the time that the look at the resources took.
            found = readAgain(workspace, backendUrl);
        }
        if (found.isPresent() && isOurs(found.get(), stackUid)) {
            return found.get().adopted();
        }
        if (found.isPresent() && !isAbandoned(found.get())) {
            throw claimed(workspace);
        }
        adopted = found.map(OwnershipMark::adopted).orElse(adopted);
        return mark(workspace, backendUrl, new OwnershipMark(owners.installation(), namespace, stackUid, adopted));
    }

    /**
     * Looks at the mark once more before a later run: of two operators that took the stack at the same moment the last one
     * has it. A stack without mark is left to the Stack that knows it: a person may have removed the mark.
     *
     * @param always whether to look also where that costs a process of the CLI
     * @throws EngineException {@code IdentityClaimed} when the mark is that of another Stack that may live
     */
    void confirm(Workspace workspace, String backendUrl, String stackUid, boolean always) {
        Optional<Map<String, String>> tags = StateFiles.tags(workspace, backendUrl);
        if (tags.isEmpty() && always) {
            tags = tagsIfThere(workspace);
        }
        // With our uid it is ours even when the installation's Secret was lost: there is no other object like that.
        tags.flatMap(known -> OwnershipMark.parse(known.get(OwnershipMark.TAG)))
                .filter(mark -> !mark.stackUid().equals(stackUid) && !isAbandoned(mark))
                .ifPresent(mark -> {
                    throw lost(workspace);
                });
    }

    /**
     * Whether the stack is this Stack's, by its mark: empty when it is somebody else's or does not exist.
     *
     * @return whether it had resources before a Stack of this operator took it
     * @throws EngineException {@code IdentityClaimed} when it is this very Stack's, of another installation: that of
     *     the operator got lost, and nothing is proven
     */
    Optional<Boolean> established(Workspace workspace, String stackUid) {
        try {
            Optional<OwnershipMark> found = read(workspace);
            if (found.filter(mark -> mark.stackUid().equals(stackUid) && !isOurs(mark, stackUid))
                    .isPresent()) {
                throw unmarked(workspace);
            }
            return found.filter(mark -> isOurs(mark, stackUid)).map(OwnershipMark::adopted);
        } catch (EngineException e) {
            if (e.failure().reason() == Reason.StackNotFound) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * The same of a stack that is known to have been this Stack's, also when that was restored from a backup as another
     * object: one that is there without its mark is no proof that its resources are gone.
     *
     * @throws EngineException {@code IdentityClaimed} when it exists and is not ours by its mark
     */
    Optional<Boolean> establishedBefore(Workspace workspace, String stackUid) {
        try {
            Optional<OwnershipMark> found = read(workspace).filter(mark -> isOurs(mark, stackUid) || isAbandoned(mark));
            return Optional.of(found.orElseThrow(() -> unmarked(workspace)).adopted());
        } catch (EngineException e) {
            if (e.failure().reason() == Reason.StackNotFound) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** A stack without a mark and without resources may be what a run of ours left that died between two steps. */
    private boolean hasResources(Workspace workspace) {
        return !engine.export(workspace).path("deployment").path("resources").isEmpty();
    }

    private boolean isOurs(OwnershipMark mark, String stackUid) {
        return mark.installation().equals(owners.installation())
                && mark.stackUid().equals(stackUid);
    }

    /** A mark of this installation whose Stack is gone binds nobody: the Stack was re-created or restored. */
    private boolean isAbandoned(OwnershipMark mark) {
        return mark.installation().equals(owners.installation()) && owners.isGone(mark.namespace(), mark.stackUid());
    }

    private Optional<OwnershipMark> read(Workspace workspace) {
        Map<String, String> tags = engine.tags(workspace);
        return OwnershipMark.parse(tags.get(OwnershipMark.TAG));
    }

    /** Where the tags are a file, at no cost. */
    private Optional<OwnershipMark> readAgain(Workspace workspace, String backendUrl) {
        Map<String, String> tags = StateFiles.tags(workspace, backendUrl).orElseGet(() -> engine.tags(workspace));
        return OwnershipMark.parse(tags.get(OwnershipMark.TAG));
    }

    private Optional<Map<String, String>> tagsIfThere(Workspace workspace) {
        try {
            return Optional.of(engine.tags(workspace));
        } catch (EngineException e) {
            if (e.failure().reason() == Reason.StackNotFound) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** A tag is set over whatever is there, so that only a second look tells whose it has become. */
    private boolean mark(Workspace workspace, String backendUrl, OwnershipMark mark) {
        engine.setTag(workspace, OwnershipMark.TAG, mark.text());
        if (!readAgain(workspace, backendUrl).equals(Optional.of(mark))) {
            throw claimed(workspace);
        }
        return mark.adopted();
    }

    private static EngineException lost(Workspace workspace) {
        return new EngineException(new Failure(
                Failure.Kind.INVALID,
                Reason.IdentityClaimed,
                "the Pulumi stack " + workspace.stack().qualified() + " has by now the mark of another Stack (tag "
                        + OwnershipMark.TAG + "), though this one has run it: another operator took it at the same"
                        + " moment, or somebody has set the tag. Nothing was done. Let one of the two go with"
                        + " spec.deletionPolicy Retain; if this one is to stay, remove the tag with"
                        + " pulumi stack tag rm"));
    }

    private static EngineException unmarked(Workspace workspace) {
        return new EngineException(new Failure(
                Failure.Kind.INVALID,
                Reason.IdentityClaimed,
                "the Pulumi stack " + workspace.stack().qualified() + " is there, but not with the mark of this Stack"
                        + " (tag " + OwnershipMark.TAG + "): its status or the operator's installation Secret was lost."
                        + " Nothing was destroyed; if it is this Stack's, destroy it by hand and give this one up"));
    }

    private static EngineException claimed(Workspace workspace) {
        return new EngineException(new Failure(
                Failure.Kind.INVALID,
                Reason.IdentityClaimed,
                "the Pulumi stack " + workspace.stack().qualified()
                        + " belongs to another Stack (tag " + OwnershipMark.TAG
                        + "); use another spec.stackName, project name or spec.backend.url. If that Stack, or the"
                        + " operator that it belonged to, is gone for good, remove the tag with pulumi stack tag rm"));
    }
}
