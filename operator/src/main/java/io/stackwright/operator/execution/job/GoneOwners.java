package io.stackwright.operator.execution.job;

import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.job.RunResult.ForeignOwner;
import io.stackwright.operator.execution.runner.StackOwners;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Stacks that are gone and that a run found to own its Pulumi stack: kept until the next run of its Stack has been told,
 * which may then take it over.
 *
 * <p>Runs write this themselves. What is forgotten costs a Stack one attempt more.
 */
final class GoneOwners {

    private static final int REMEMBERED = 1000;

    private final StackOwners owners;

    /** By the uid of the Stack whose run has told. */
    private final Map<String, Met> met = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Met> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** @param namespace of the Stack whose run has told */
    private record Met(String namespace, String owner) {}

    GoneOwners(StackOwners owners) {
        this.owners = owners;
    }

    /** Whether that owner is gone: then the next run of the same Stack is told. */
    synchronized boolean add(RunKey run, ForeignOwner owner) {
        if (!owners.isGone(owner.namespace(), owner.stackUid())) {
            return false;
        }
        met.entrySet().removeIf(entry -> owners.isGone(entry.getValue().namespace(), entry.getKey()));
        met.put(run.stackUid(), new Met(run.stack().namespace(), owner.stackUid()));
        return true;
    }

    /** Uids of the owners that a run need not respect. */
    synchronized Set<String> of(RunKey run) {
        Met known = met.get(run.stackUid());
        return known == null ? Set.of() : Set.of(known.owner());
    }

    /** A run of that Stack has been told. */
    synchronized void remove(RunKey run) {
        met.remove(run.stackUid());
    }

    synchronized int size() {
        return met.size();
    }
}
