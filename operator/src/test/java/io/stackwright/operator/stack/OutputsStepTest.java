package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackSpec;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.outputs.OutputPublisher.Published;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long outputs are tried to be written that the API server does not take. */
class OutputsStepTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

    private final Stack stack = new Stack();
    private final StatusDraft draft = new StatusDraft(null);
    private Instant now = NOW;
    private Optional<KubernetesClientException> trouble = Optional.of(failing(500, "failed calling webhook \"w\""));
    private final OutputsStep step = new OutputsStep(this::write, clock());

    @BeforeEach
    void aStack() {
        stack.setMetadata(
                new ObjectMetaBuilder().withName("shop").withGeneration(3L).build());
        stack.setSpec(new StackSpec(
                null, null, null, null, null, null, null, null, null, null, null, null, null, null, null));
    }

    @Test
    void whatPassesSoonCostsNoSecondRun() {
        // given
        assertThatThrownBy(this::publish).isInstanceOf(KubernetesClientException.class);

        // when
        now = NOW.plus(OutputsStep.PATIENCE).minusSeconds(1);
        assertThatThrownBy(this::publish).isInstanceOf(KubernetesClientException.class);
        trouble = Optional.empty();

        // then
        assertThat(publish().outcome().succeeded()).isTrue();
        assertThat(draft.status().outputsSecret()).isEqualTo("shop-outputs");
    }

    @Test
    void whatStaysEndsTheRun() {
        // given
        assertThatThrownBy(this::publish).isInstanceOf(KubernetesClientException.class);

        // when
        now = NOW.plus(OutputsStep.PATIENCE);
        Failure failure = publish().outcome().failure().orElseThrow();

        // then
        assertThat(failure.kind()).isEqualTo(Failure.Kind.FAILED);
        assertThat(failure.reason()).isEqualTo(Reason.OutputsRefused);
        assertThat(failure.message()).contains("the resources are applied", "`shop-outputs`", "failed calling webhook");
    }

    @Test
    void theNextRunThatMeetsItEndsAtOnce() {
        // given
        draft.failures(
                new FailureStatus(1, Reason.OutputsRefused.name(), "m", "f", 3L, "shop-0", null, null, NOW.toString()));

        // when
        RunOutcome outcome = publish().outcome();

        // then
        assertThat(outcome.failure().orElseThrow().reason()).isEqualTo(Reason.OutputsRefused);
    }

    @Test
    void whatIsRefusedForGoodIsToldAtOnce() {
        // given
        trouble = Optional.of(failing(403, "exceeded quota"));

        // when
        RunOutcome outcome = publish().outcome();

        // then
        assertThat(outcome.failure().orElseThrow().message()).contains("the namespace's quota");
    }

    private OutputsStep.Step publish() {
        RunOutcome outcome = new RunOutcome(
                RunStatus.Result.Succeeded,
                Optional.empty(),
                Optional.of(false),
                Optional.of(Map.of("url", new OutputValue(TextNode.valueOf("x"), false))),
                OptionalInt.of(1),
                Map.of());
        return step.publish(draft, stack, RunUpdates.claimed(null, Operation.Up), 3, outcome);
    }

    private Published write(Stack of, Map<String, String> data) {
        trouble.ifPresent(e -> {
            throw e;
        });
        return new Published.Done("shop-outputs", true);
    }

    private Clock clock() {
        return ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
    }

    private static KubernetesClientException failing(int code, String message) {
        return new KubernetesClientException(
                message,
                code,
                new StatusBuilder()
                        .withCode(code)
                        .withMessage(message)
                        .withReason("Forbidden")
                        .build());
    }
}
