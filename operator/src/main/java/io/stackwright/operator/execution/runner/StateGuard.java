package io.stackwright.operator.execution.runner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.stackwright.api.v1alpha1.Annotations;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.execution.RunRequest;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts nothing on a stack whose state got lost: an up would find nothing and create everything a second time.
 *
 * <p>A stack that an earlier run has established must be there, and must have resources if that run left any.
 */
public final class StateGuard {

    private static final Logger LOG = LoggerFactory.getLogger(StateGuard.class);

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
        if (count(deployment) == 0) {
            throw new EngineException(missing(
                    request,
                    "is empty, where the last run left " + request.resources().getAsInt() + " resources"));
        }
    }

    /**
     * Looks at the state before a destroy: one that is empty and should not be may be that of another stack in a backend
     * that was made anew.
     *
     * @param ours whether the stack has this Stack's mark; asked only if it matters
     */
    void checkDestroy(Workspace workspace, RunRequest request, BooleanSupplier ours) {
        boolean suspect = request.resources().orElse(0) > 0
                && StateFiles.find(workspace, request.backendUrl())
                        .filter(deployment -> count(deployment) == 0)
                        .isPresent();
        if (suspect && !ours.getAsBoolean()) {
            throw new EngineException(unproven(request, "is empty and without the mark of this Stack"));
        }
    }

    /**
     * Looks at what a destroy has found out about a stack of which no run could record whether it had existed before.
     *
     * @throws EngineException when it had, and nobody has said that it is to be destroyed all the same
     */
    void checkAdopted(RunRequest request, boolean adopted) {
        if (adopted
                && request.operation() == Operation.Destroy
                && !request.leftovers().destroysAdopted()) {
            throw new EngineException(new Failure(
                    Failure.Kind.FAILED,
                    Reason.DestroyFailed,
                    "not destroyed: " + request.identity().qualifiedName() + " existed before this Stack's first run,"
                            + " and spec.deletionPolicy is not Destroy; it is left as it is"));
        }
    }

    /**
     * Judges a destroy that did not find the stack. That is a proof only where the backend is known to be the one that
     * the stack was in: Pulumi's service is; a folder is when it has traces of the stack, which the CLI leaves when it
     * removes one; anywhere a destroy that was cut short may have removed it. A folder or bucket that was made anew must
     * not pass for a destroy.
     */
    Optional<Failure> unprovenDestroy(Workspace workspace, RunRequest request) {
        String url = request.backendUrl();
        boolean neverHadAny =
                request.resources().isPresent() && request.resources().getAsInt() == 0;
        boolean known = url.startsWith("http://") || url.startsWith("https://");
        if (neverHadAny || known) {
            return Optional.empty();
        }
        boolean proven = url.startsWith("file://")
                ? StateFiles.remembers(workspace, url)
                : request.resources().isEmpty() && request.leftovers().destroyCutShort();
        return proven ? Optional.empty() : Optional.of(unproven(request, "is not in its backend"));
    }

    private static Failure unproven(RunRequest request, String how) {
        String resources = request.resources().isEmpty()
                ? "may have had resources"
                : "had " + request.resources().getAsInt() + " resources";
        return new Failure(
                Failure.Kind.INVALID,
                Reason.StateMissing,
                "the state of " + request.identity().qualifiedName() + " " + how + " "
                        + request.identity().backend() + ", and nothing there tells that it was destroyed; it "
                        + resources
                        + " after the last run. Bring the backend or the state back and annotate the Stack with"
                        + " " + Annotations.RECONCILE);
    }

    /**
     * Counts what is left after a run that failed. What it has taken out of the state, because its refresh found it gone
     * for example, the next attempt must not take for a loss; what it has put there must not pass for nothing when the
     * backend is made anew.
     *
     * @param exported the state as it is now; asked for only where it cannot be read as a file, and not by a run that has
     *     not touched any resource. One that was asked to stop has little time, and asks only if it has taken some out:
     *     by nothing else that it did would the number that is known make a loss of what is none
     * @return the same where the number that is known holds, or the state cannot be had
     */
    OperationResult counted(
            Workspace workspace, RunRequest request, OperationResult result, Supplier<JsonNode> exported) {
        Optional<Failure.Kind> kind = result.failure().map(Failure::kind);
        boolean changes = request.operation() == Operation.Up || request.operation() == Operation.Refresh;
        // While somebody else has the lock the state is on its way to another one.
        boolean ran = changes && kind.filter(k -> k != Failure.Kind.LOCKED).isPresent();
        boolean knowsSome = request.resources().orElse(0) > 0;
        boolean moved = result.tookOut()
                || result.changes().create() > 0
                || result.changes().replace() > 0;
        if (!ran || (knowsSome && !moved)) {
            return result;
        }
        boolean stopped = kind.get() == Failure.Kind.CANCELLED;
        boolean asks = stopped
                ? knowsSome && result.tookOut()
                : moved || !result.steps().isEmpty();
        try {
            JsonNode deployment = StateFiles.find(workspace, request.backendUrl())
                    .orElseGet(() -> asks ? exported.get().path("deployment") : MissingNode.getInstance());
            int left = count(deployment);
            // Where a create was cut short there may be one resource more than the state knows.
            boolean tells = left > 0
                    || knowsSome
                    || deployment.path("pending_operations").isEmpty();
            return deployment.path("resources").isArray() && tells ? result.counting(left) : result;
        } catch (EngineException e) {
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("update", request.run().update())
                    .log("what a failed run has left was not counted");
            return result;
        }
    }

    /** Without the stack itself and the default providers, which come and go by themselves; nothing of them is real. */
    private static int count(JsonNode deployment) {
        int count = 0;
        for (JsonNode resource : deployment.path("resources")) {
            String type = resource.path("type").asText();
            boolean ownDoing = type.equals("pulumi:pulumi:Stack")
                    || (type.startsWith("pulumi:providers:")
                            && resource.path("urn").asText().contains("::default"));
            count += ownDoing ? 0 : 1;
        }
        return count;
    }

    /** What the CLI says of a state, with what a person can do about it. */
    static Failure explained(RunRequest request, Failure failure) {
        return switch (failure.reason()) {
            case StackNotFound ->
                request.operation() == Operation.Destroy
                        ? failure
                        : gone(request).map(how -> missing(request, how)).orElse(failure);
            case StateCorrupt ->
                with(
                        failure,
                        ". The state is damaged; nothing was done. Restore it from a backup and annotate the Stack with"
                                + " " + Annotations.RECONCILE);
            case PassphraseIncorrect -> with(failure, "; " + keptIn(request));
            default -> failure;
        };
    }

    private static Optional<String> gone(RunRequest request) {
        if (request.identity().adopted() != null) {
            return Optional.of("is gone from its backend");
        }
        return request.leftovers().hadStack()
                ? Optional.of("is not in its backend, though Secret " + secret(request)
                        + " has the salt of a Pulumi stack that was made for a Stack of this name, and neither"
                        + " destroyed nor let go since")
                : Optional.empty();
    }

    private static String secret(RunRequest request) {
        return PassphraseSecrets.name(
                request.run().stack(), request.inputs().passphrase().isPresent());
    }

    private static String keptIn(RunRequest request) {
        boolean given = request.inputs().passphrase().isPresent();
        String kept = secret(request);
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
                        + " too, annotate it with " + Annotations.RECREATE + "="
                        + loss(request.run().update(), request.run().stackUid())
                        + " to create them anew");
    }

    /**
     * Names a loss by what never comes again: a Stack that is made once more under the same name, with the annotation
     * that Git or a backup still has, counts its Updates from one.
     *
     * @param update name of the Update that found the state missing
     * @param stackUid uid of its Stack
     */
    public static String loss(String update, String stackUid) {
        return update + "/" + stackUid;
    }
}
