package io.stackwright.operator.stack;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.outputs.OutputPublisher;
import io.stackwright.operator.outputs.OutputPublisher.Published;
import io.stackwright.operator.outputs.OutputSecretData;
import io.stackwright.operator.outputs.StatusOutputs;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Optional;

/** Publishes what a successful run put out: the Secret first, then the status that names it. */
final class OutputsStep {

    private static final int UNPROCESSABLE = 422;

    private final OutputPublisher publisher;

    OutputsStep(OutputPublisher publisher) {
        this.publisher = publisher;
    }

    /**
     * What became of an outcome's outputs.
     *
     * @param outcome the run's; of a whole up a failure when they could not be published as a whole
     * @param unpublished why they are not, where the run was no whole up: the next one publishes them, or fails for it
     */
    record Step(RunOutcome outcome, Optional<String> unpublished) {

        private static Step done(RunOutcome outcome) {
            return new Step(outcome, Optional.empty());
        }
    }

    /** Publishes the outcome's outputs, if it has any. */
    Step publish(StatusDraft draft, Stack stack, Update update, RunOutcome outcome) {
        boolean leaving = stack.getMetadata().getDeletionTimestamp() != null;
        if (outcome.outputs().isEmpty() || stack.getSpec() == null || leaving) {
            return Step.done(outcome);
        }
        Map<String, OutputValue> outputs = outcome.outputs().get();
        return switch (OutputSecretData.of(outputs, stack.getSpec().outputs())) {
            case OutputSecretData.Problem(Reason reason, String message) -> refused(outcome, update, reason, message);
            case OutputSecretData.Data(Map<String, String> data) ->
                switch (publish(stack, data)) {
                    case Published.Refused(Reason reason, String message) -> refused(outcome, update, reason, message);
                    case Published.Done done -> {
                        StatusOutputs shown = StatusOutputs.of(outputs);
                        draft.outputs(
                                shown.outputs(), shown.secretOutputs(), shown.omittedOutputs(), done.secretName());
                        yield Step.done(outcome);
                    }
                };
        };
    }

    /** What the API server refuses for good is told on the Stack; what it cannot do now is tried again at once. */
    private Published publish(Stack stack, Map<String, String> data) {
        try {
            return publisher.publish(stack, data);
        } catch (KubernetesClientException e) {
            boolean refused = e.getCode() == HttpURLConnection.HTTP_FORBIDDEN || e.getCode() == UNPROCESSABLE;
            if (!refused) {
                throw e;
            }
            String why = e.getStatus() == null
                    ? "code " + e.getCode()
                    : String.valueOf(e.getStatus().getReason());
            return new Published.Refused(
                    Reason.OutputsRefused,
                    "the API server refuses Secret `" + OutputPublisher.secretName(stack) + "` (" + why
                            + "): see the namespace's quota and the operator's permissions");
        }
    }

    private static Step refused(RunOutcome outcome, Update update, Reason reason, String message) {
        if (update.getSpec().operation() != Operation.Up || update.getSpec().isTargeted()) {
            return new Step(outcome, Optional.of(message));
        }
        return Step.done(RunEnds.failedAfterwards(
                outcome,
                new Failure(
                        reason.stalls() ? Failure.Kind.INVALID : Failure.Kind.FAILED,
                        reason,
                        "the resources are applied, the outputs are not published: " + message
                                + "; then annotate the Stack with " + Requests.RECONCILE)));
    }
}
