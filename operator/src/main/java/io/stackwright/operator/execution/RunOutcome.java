package io.stackwright.operator.execution;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OutputValue;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a run ended.
 *
 * @param result its end
 * @param failure why it did not succeed, redacted; empty exactly when it succeeded
 * @param adopted present once the stack is established in its backend: whether it had resources before the operator knew it
 * @param outputs stack outputs with secret values; empty when the run yields none
 * @param resources resources in the state; empty when not known
 * @param tags stack tags that are set now
 */
public record RunOutcome(
        RunStatus.Result result,
        Optional<Failure> failure,
        Optional<Boolean> adopted,
        Optional<Map<String, OutputValue>> outputs,
        OptionalInt resources,
        Map<String, String> tags) {

    /** A run that was stopped, or not started, because it was asked not to go on. */
    public static RunOutcome cancelled(String message) {
        return new RunOutcome(
                RunStatus.Result.Cancelled,
                Optional.of(new Failure(Failure.Kind.CANCELLED, Reason.Cancelled, message)),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                Map.of());
    }

    /** A run that failed of what is no word of the CLI's. */
    public static RunOutcome failed(Failure failure) {
        return new RunOutcome(
                RunStatus.Result.Failed,
                Optional.of(failure),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                Map.of());
    }

    /** Why a run failed that a mistake of ours has ended. */
    public static Failure mistake(Throwable mistake) {
        return new Failure(
                Failure.Kind.TRANSIENT, Reason.InternalError, mistake.getClass().getSimpleName());
    }

    /** A stack of which nothing is left. */
    public static RunOutcome destroyed() {
        return new RunOutcome(
                RunStatus.Result.Succeeded,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.of(0),
                Map.of());
    }

    public boolean succeeded() {
        return result == RunStatus.Result.Succeeded;
    }
}
