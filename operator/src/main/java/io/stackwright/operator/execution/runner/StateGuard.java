package io.stackwright.operator.execution.runner;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.execution.RunRequest;
import java.util.function.Supplier;

/**
 * Starts nothing on a stack whose state got lost: an up would find nothing and create everything a second time.
 *
 * <p>A stack that an earlier run has established must be there, and must have resources if that run left any.
 */
public final class StateGuard {

    /** Annotation with which a person says, naming the Update that found the state missing, that all be created anew. */
    public static final String RECREATE = "stackwright.io/recreate";

    /**
     * Looks at the state before an operation.
     *
     * @param exported the state as the CLI exports it; asked for only where it cannot be read as a file
     * @throws EngineException {@code StateMissing} when it has no resources and should have some; whether there is one
     *     at all, the CLI says
     */
    void check(Workspace workspace, RunRequest request, Supplier<JsonNode> exported) {
        if (request.identity().adopted() == null || request.resources().orElse(0) == 0) {
            return;
        }
        JsonNode deployment = StateFiles.find(workspace, request.backendUrl())
                .orElseGet(() -> exported.get().path("deployment"));
        if (isEmpty(deployment)) {
            throw new EngineException(missing(
                    request,
                    "is empty, where the last run left " + request.resources().getAsInt() + " resources"));
        }
    }

    /** The stack itself and the default providers come and go by themselves; nothing of them is real. */
    private static boolean isEmpty(JsonNode deployment) {
        for (JsonNode resource : deployment.path("resources")) {
            String type = resource.path("type").asText();
            boolean ownDoing = type.equals("pulumi:pulumi:Stack")
                    || (type.startsWith("pulumi:providers:")
                            && resource.path("urn").asText().contains("::default"));
            if (!ownDoing) {
                return false;
            }
        }
        return true;
    }

    /** What the CLI says of a state, with what a person can do about it. */
    static Failure explained(RunRequest request, Failure failure) {
        boolean established = request.identity().adopted() != null;
        return switch (failure.reason()) {
            case StackNotFound ->
                established && request.operation() != Operation.Destroy
                        ? missing(request, "is gone from its backend")
                        : failure;
            case StateCorrupt ->
                with(
                        failure,
                        ". The state is damaged; nothing was done. Restore it from a backup and annotate the Stack with"
                                + " stackwright.io/reconcile");
            case PassphraseIncorrect -> with(failure, "; " + keptIn(request));
            default -> failure;
        };
    }

    private static String keptIn(RunRequest request) {
        boolean given = request.inputs().passphrase().isPresent();
        String kept = PassphraseSecrets.name(request.run().stack(), given);
        return given
                ? "the passphrase is that of spec.secretsProvider, its salt is kept in Secret " + kept
                : "passphrase and salt are kept in Secret " + kept;
    }

    private static Failure with(Failure failure, String more) {
        return new Failure(failure.kind(), failure.reason(), failure.message() + more);
    }

    private static Failure missing(RunRequest request, String how) {
        return new Failure(
                Failure.Kind.INVALID,
                Reason.StateMissing,
                "the state of " + request.identity().qualifiedName() + " " + how
                        + ". Nothing was done: everything would be created a second time. Restore the state from a"
                        + " backup and annotate the Stack with stackwright.io/reconcile; or, if its resources are gone"
                        + " too, annotate it with " + RECREATE + "="
                        + request.run().update()
                        + " to create them anew");
    }
}
