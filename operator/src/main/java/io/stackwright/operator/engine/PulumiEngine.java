package io.stackwright.operator.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;

/**
 * Pulumi, as far as the operator needs it.
 *
 * <p>Every call blocks until the CLI has ended, passes the stack explicitly, and puts nothing secret on a command line.
 * Operations report failures in their result; the other calls throw {@link EngineException}.
 */
public interface PulumiEngine {

    /**
     * Version of the CLI, for example {@code 3.250.0}; asked once per process.
     *
     * @throws EngineException {@code UnsupportedPulumi} when there is no CLI or it is too old
     */
    String version();

    /**
     * Creates the stack, passphrase-encrypted on a self-managed backend.
     *
     * @return whether it was created; false when it existed
     */
    boolean createStack(Workspace workspace);

    /** Tags of the stack. */
    Map<String, String> tags(Workspace workspace);

    /** Sets one tag. */
    void setTag(Workspace workspace, String name, String value);

    /** Removes one tag; not an error when it is absent. */
    void removeTag(Workspace workspace, String name);

    OperationResult preview(
            Workspace workspace, OperationOptions options, ProgressListener listener, CancelToken cancel);

    OperationResult up(Workspace workspace, OperationOptions options, ProgressListener listener, CancelToken cancel);

    OperationResult refresh(
            Workspace workspace, OperationOptions options, ProgressListener listener, CancelToken cancel);

    /** Destroys all resources; needs no program. A stack that does not exist is a failure, {@code StackNotFound}. */
    OperationResult destroy(
            Workspace workspace, OperationOptions options, ProgressListener listener, CancelToken cancel);

    /** Outputs of the last update, with the values of secrets. */
    Map<String, OutputValue> outputs(Workspace workspace);

    /** The deployment as {@code pulumi stack export} prints it, secrets encrypted. */
    JsonNode export(Workspace workspace);

    /**
     * Replaces the deployment, which must be an export of this stack.
     *
     * @param state as {@link #export} returns it
     */
    void importState(Workspace workspace, JsonNode state);

    /** Removes all locks of the stack, whoever holds them ({@code pulumi cancel}); self-managed backends only. */
    void releaseLocks(Workspace workspace);

    /** Installs the program's language dependencies ({@code pulumi install}). */
    void install(Workspace workspace, Duration timeout, CancelToken cancel);
}
