package io.stackwright.operator.execution;

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
 * @param adopted present once the stack is established in its backend: whether it existed before our first run
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

    public boolean succeeded() {
        return result == RunStatus.Result.Succeeded;
    }
}
