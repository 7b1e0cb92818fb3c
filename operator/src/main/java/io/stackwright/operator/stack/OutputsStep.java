package io.stackwright.operator.stack;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.outputs.OutputPublisher;
import io.stackwright.operator.outputs.OutputPublisher.Published;
import io.stackwright.operator.outputs.OutputSecretData;
import io.stackwright.operator.outputs.StatusOutputs;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Publishes what a successful run put out: the Secret first, then the status that names it. */
final class OutputsStep {

    /** An outage of the API server should not cost a second run; what is broken for longer has to be told. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final int UNPROCESSABLE = 422;
    private static final int MAX_WHY = 300;

    private final Publisher publisher;
    private final Clock clock;

    /** Since when the outputs of which Update cannot be written. */
    private final Map<String, Instant> failing = new ConcurrentHashMap<>();

    OutputsStep(Publisher publisher, Clock clock) {
        this.publisher = publisher;
        this.clock = clock;
    }

    /** Makes a Stack's Secret hold exactly the data. */
    interface Publisher {

        /** @throws KubernetesClientException when the API server refuses or cannot be reached */
        Published publish(Stack stack, Map<String, String> data);
    }

    /**
     * What became of an outcome's outputs.
     *
     * @param outcome the run's; of a whole up a failure when they could not be published as a whole
     * @param unpublished why they are not, where the run was no whole up, or one of another spec: the next one publishes
     *     them, or fails for it
     */
    record Step(RunOutcome outcome, Optional<String> unpublished) {

        private static Step done(RunOutcome outcome) {
            return new Step(outcome, Optional.empty());
        }
    }

    /**
     * Publishes the outcome's outputs, if it has any.
     *
     * @param generation of the spec that the run had: the present one may map outputs that only the next run has
     */
    Step publish(StatusDraft draft, Stack stack, Update update, long generation, RunOutcome outcome) {
        boolean leaving = stack.getMetadata().getDeletionTimestamp() != null;
        if (outcome.outputs().isEmpty() || stack.getSpec() == null || leaving) {
            failing.remove(update.getMetadata().getUid());
            return Step.done(outcome);
        }
        Map<String, OutputValue> outputs = outcome.outputs().get();
        return switch (OutputSecretData.of(outputs, stack.getSpec().outputs())) {
            case OutputSecretData.Problem(Reason reason, String message) ->
                stack.getMetadata().getGeneration() == generation
                        ? refused(outcome, update, reason, message)
                        : new Step(outcome, Optional.of(message));
            case OutputSecretData.Data(Map<String, String> data) ->
                switch (publish(draft, stack, update, data)) {
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

    /**
     * What the API server refuses for good is told on the Stack; what it cannot do now is tried again soon, and told when
     * that has not helped.
     */
    private Published publish(StatusDraft draft, Stack stack, Update update, Map<String, String> data) {
        String uid = update.getMetadata().getUid();
        try {
            Published published = publisher.publish(stack, data);
            failing.remove(uid);
            return published;
        } catch (KubernetesClientException e) {
            boolean refused = e.getCode() == HttpURLConnection.HTTP_FORBIDDEN || e.getCode() == UNPROCESSABLE;
            if (!refused && !isBroken(draft.status().failures(), uid)) {
                throw e;
            }
            failing.remove(uid);
            String secret = "Secret `" + OutputPublisher.secretName(stack) + "`";
            return new Published.Refused(
                    Reason.OutputsRefused,
                    refused
                            ? "the API server refuses " + secret + " (" + reason(e)
                                    + "): see the namespace's quota and the operator's permissions"
                            : "the API server fails to write " + secret + " (" + said(e)
                                    + "): see the API server and the admission webhooks for Secrets");
        }
    }

    /** Whether trying again soon is of no use; where the outputs of the run before were refused too, it is not tried. */
    private boolean isBroken(FailureStatus before, String uid) {
        Instant now = clock.instant();
        Instant since = failing.computeIfAbsent(uid, first -> now);
        return !now.isBefore(since.plus(PATIENCE))
                || (before != null && Reason.OutputsRefused.name().equals(before.reason()));
    }

    private static String reason(KubernetesClientException e) {
        return e.getStatus() == null
                ? "code " + e.getCode()
                : String.valueOf(e.getStatus().getReason());
    }

    private static String said(KubernetesClientException e) {
        String said = e.getStatus() == null || e.getStatus().getMessage() == null
                ? String.valueOf(e.getMessage())
                : e.getStatus().getMessage();
        return said.substring(0, Math.min(said.length(), MAX_WHY));
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
