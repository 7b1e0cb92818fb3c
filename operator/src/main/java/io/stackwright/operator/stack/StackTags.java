package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.execution.RunRequest.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The stack tags of a run: what the spec wants, and what earlier runs have set.
 *
 * <p>Only an up that succeeds tells what is set. Whatever else sets tags may fail, or be cut short, before or after it has
 * done so: the names that it may change are written down before it starts, and are in doubt until an up succeeds.
 */
final class StackTags {

    private final Map<String, String> wanted;
    private final Map<String, String> applied;
    private final Set<String> inDoubt;

    StackTags(Map<String, String> wanted, StackStatus status) {
        this.wanted = wanted;
        this.applied = status.applied() == null || status.applied().tags() == null
                ? Map.of()
                : status.applied().tags();
        this.inDoubt = new TreeSet<>(status.tagsInDoubt() == null ? List.of() : status.tagsInDoubt());
    }

    /** Whether a run sets tags, and publishes outputs: not one that only looks, or that takes all away. */
    static boolean mayChange(Operation operation) {
        return operation == Operation.Up || operation == Operation.Refresh;
    }

    /** What is in doubt is set where it is wanted, as if it was not there, and removed where it is not. */
    Tags ofRun() {
        Map<String, String> known = new HashMap<>(applied);
        for (String name : inDoubt) {
            if (wanted.containsKey(name)) {
                known.remove(name);
            } else {
                known.putIfAbsent(name, "");
            }
        }
        return new Tags(wanted, known);
    }

    /**
     * Puts in doubt what the run may change.
     *
     * @param anew whether it makes the stack anew, without any tag
     */
    void doubt(StatusDraft draft, Operation operation, boolean anew) {
        if (!mayChange(operation)) {
            return;
        }
        Set<String> changed = new TreeSet<>(wanted.keySet());
        if (!anew) {
            changed.addAll(applied.keySet());
            changed.removeIf(name -> Objects.equals(wanted.get(name), applied.get(name)));
        }
        if (!changed.isEmpty()) {
            // A refresh sets tags, too: when the spec is put back after it, an up has to follow.
            OutcomeRecorder.doubtApplied(draft);
        }
        changed.addAll(inDoubt);
        draft.tagsInDoubt(List.copyOf(changed));
    }
}
