package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.recovery.EvidenceStore;
import io.stackwright.operator.execution.runner.EncryptionMaterial;
import io.stackwright.operator.execution.runner.RunPaths;
import io.stackwright.operator.outputs.OutputPublisher;
import io.stackwright.operator.source.Sources;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.stack.decide.NextStep.Leaving;
import io.stackwright.operator.telemetry.EventRecorder;
import io.stackwright.operator.update.Updates;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes what was kept for a Stack or an Update that goes. */
final class Departure {

    private static final Logger LOG = LoggerFactory.getLogger(Departure.class);

    private final OutputPublisher outputs;
    private final EncryptionMaterial encryption;
    private final Sources sources;
    private final RunPaths paths;
    private final EvidenceStore evidence;
    private final Updates updates;
    private final EventRecorder events;

    Departure(
            OutputPublisher outputs,
            EncryptionMaterial encryption,
            Sources sources,
            RunPaths paths,
            EvidenceStore evidence,
            Updates updates,
            EventRecorder events) {
        this.events = events;
        this.outputs = outputs;
        this.encryption = encryption;
        this.sources = sources;
        this.paths = paths;
        this.evidence = evidence;
        this.updates = updates;
    }

    /** Whether a Pulumi stack was made for a Stack of this name that was neither destroyed nor let go since. */
    boolean hasEncrypted(Stack stack) {
        return encryption.isUsed(Snapshotter.keyOf(stack));
    }

    /** The Stack may go: what it leaves behind depends on whether its Pulumi stack lives on. */
    void release(Stack stack, Leaving leaving) {
        StackKey key = Snapshotter.keyOf(stack);
        EncryptionMaterial.Holder holder =
                new EncryptionMaterial.Holder(key, stack.getMetadata().getUid());
        StackStatus status = stack.getStatus();
        String secret = status == null || status.outputsSecret() == null
                ? OutputPublisher.secretName(stack)
                : status.outputsSecret();
        outputs.delete(stack, secret);
        if (leaving == Leaving.NOTHING) {
            encryption.delete(holder);
        } else {
            encryption.release(holder);
        }
        if (leaving == Leaving.ABANDONED) {
            LOG.atWarn().addKeyValue("stack", key).log("given up without having been destroyed");
            events.warning(stack, Reason.Abandoned.name(), "Delete", message(status));
        }
        drop(key);
        if (status != null && status.stack() != null) {
            evidence.depart(status.stack());
        } else {
            evidence.depart(key);
        }
    }

    private void drop(StackKey key) {
        sources.forget(key);
        paths.deleteAll(key);
    }

    /** Stacks that something is kept of here, and that nothing runs for. */
    Set<StackKey> kept() {
        Set<StackKey> kept = new HashSet<>(sources.followers());
        kept.addAll(paths.stacks());
        kept.addAll(evidence.stacks());
        evidence.open().forEach(run -> kept.remove(run.run().stack()));
        return kept;
    }

    /** The Stack went without being let go. */
    void gone(StackKey key) {
        LOG.atWarn().addKeyValue("stack", key).log("gone without having been let go: what was kept of it is dropped");
        drop(key);
        evidence.depart(key);
    }

    private static String message(StackStatus status) {
        String what = status == null || status.stack() == null
                ? "nothing that was ever seen to be created"
                : "the Pulumi stack " + status.stack().qualifiedName() + " in "
                        + status.stack().backend() + " and "
                        + (status.resources() == null ? "an unknown number of" : status.resources())
                        + " resources";
        return "given up on request, without being destroyed: " + what
                + ". A generated passphrase is kept in its Secret";
    }

    /** The Update is history that is not kept any longer. */
    void forget(Stack stack, Update update) {
        updates.delete(update);
        paths.deleteLog(Snapshotter.keyOf(stack), update.getMetadata().getName());
    }

    /** What is left of Updates that a person has deleted goes when the next one ends. */
    void forgetOthers(Stack stack, Collection<Update> known) {
        paths.deleteOtherLogs(
                Snapshotter.keyOf(stack),
                known.stream().map(update -> update.getMetadata().getName()).collect(Collectors.toSet()));
    }
}
