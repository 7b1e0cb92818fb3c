package io.stackwright.operator.execution;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.inputs.ResolvedInputs;
import io.stackwright.operator.source.Revision;
import io.stackwright.operator.source.StackKey;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything that one run needs, resolved.
 *
 * @param run which Update this is
 * @param operation what to do
 * @param cause why; decides the order among waiting runs
 * @param identity the pinned identity; {@code adopted} is absent until a run has established it in the backend
 * @param backendUrl full backend URL for the CLI
 * @param program source and revision; empty for a destroy whose source cannot be had
 * @param inputs resolved configuration and environment; holds secrets
 * @param options how the operation runs
 * @param tags stack tags that the Stack wants and those that were set before
 * @param resources in the state after the run before; what progress is measured by
 * @param leftovers what is to be done about what earlier runs have left
 */
public record RunRequest(
        RunKey run,
        Operation operation,
        Cause cause,
        StackIdentity identity,
        String backendUrl,
        Optional<Program> program,
        ResolvedInputs inputs,
        OperationOptions options,
        Tags tags,
        OptionalInt resources,
        Leftovers leftovers) {

    /** One that finds nothing left by earlier runs, or asks. */
    public RunRequest(
            RunKey run,
            Operation operation,
            Cause cause,
            StackIdentity identity,
            String backendUrl,
            Optional<Program> program,
            ResolvedInputs inputs,
            OperationOptions options,
            Tags tags,
            OptionalInt resources) {
        this(
                run,
                operation,
                cause,
                identity,
                backendUrl,
                program,
                inputs,
                options,
                tags,
                resources,
                new Leftovers(OnPendingCreate.Stall, Optional.empty()));
    }

    /**
     * What is to be done about what earlier runs have left.
     *
     * @param onPendingCreate about creates that were cut short
     * @param unlock id of a lock that a person says is dead
     */
    public record Leftovers(OnPendingCreate onPendingCreate, Optional<String> unlock) {}

    /**
     * Names a run.
     *
     * @param stack the Stack object
     * @param stackUid its uid
     * @param update name of the Update
     * @param updateUid its uid; the Stack's own where there is no Update
     */
    public record RunKey(StackKey stack, String stackUid, String update, String updateUid) {

        /** Whether only the Stack's status tells of the run: a deletion in a terminating namespace. */
        public boolean isUnrecorded() {
            return stackUid.equals(updateUid);
        }
    }

    /** The program at exactly one revision. */
    public record Program(ProjectSource source, Revision revision) {}

    /** Stack tags: what the spec wants, and what earlier runs have set. */
    public record Tags(Map<String, String> wanted, Map<String, String> known) {}

    /** {@code backend|organization/project/name}: at most one run may use it at a time. */
    public String identityKey() {
        return identityKey(identity);
    }

    /** The same of any Pulumi stack. */
    public static String identityKey(StackIdentity identity) {
        return identity.backend() + "|" + identity.qualifiedName();
    }

    @Override
    public String toString() {
        return operation + " " + run.stack() + " (" + run.update() + ")";
    }
}
