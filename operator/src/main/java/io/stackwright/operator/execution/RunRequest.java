package io.stackwright.operator.execution;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.ExecutionSpec;
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
 * @param execution what the Stack says about the pod that runs it
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
        Leftovers leftovers,
        Optional<ExecutionSpec> execution) {

    /** One that does not care in which pod it runs. */
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
            OptionalInt resources,
            Leftovers leftovers) {
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
                leftovers,
                Optional.empty());
    }

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
     * @param destroysAdopted whether a destroy that finds that the stack had existed before the Stack's first run, which
     *     a run that was cut short could not record, goes on
     * @param destroyCutShort whether a destroy was cut short since the last up: it may have removed the stack already
     * @param hadStack whether the Secret with its salt tells of a stack of which the status does not: that is not made anew
     */
    public record Leftovers(
            OnPendingCreate onPendingCreate,
            Optional<String> unlock,
            boolean destroysAdopted,
            boolean destroyCutShort,
            boolean hadStack) {

        /** Keeps what turns out to have existed before. */
        public Leftovers(OnPendingCreate onPendingCreate, Optional<String> unlock) {
            this(onPendingCreate, unlock, false, false, false);
        }
    }

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

        /** The keys of the log lines of the run, for {@code LogContext}. */
        public Map<String, String> logKeys() {
            return Map.of("namespace", stack.namespace(), "stack", stack.name(), "update", update);
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
