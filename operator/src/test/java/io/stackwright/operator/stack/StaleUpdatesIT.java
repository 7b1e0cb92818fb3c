package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.execution.RunState;
import io.stackwright.operator.telemetry.Metrics;
import io.stackwright.operator.update.Updates;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the cache shows of an Update may be older than its claim and its end: a watch lags, or is frozen. */
class StaleUpdatesIT {

    private final KubernetesClient client = ControlPlane.shared().client();
    private final Metrics metrics = new Metrics();
    private final Updates updates = new Updates(client, Clock.systemUTC(), metrics);
    private final Runs runs = new Runs(new Answers(new RunState.Unknown()), new OthersMayLive(), updates);
    private final Stack stack = new Stack();
    private Update seen;

    @BeforeEach
    void record() {
        ControlPlane.shared().applyCrds(Toolchain.root().resolve("crds/manifests"));
        stack.getMetadata().setName("shop");
        stack.getMetadata().setNamespace(ControlPlane.shared().createNamespace("stale"));
        stack.getMetadata().setUid(UUID.randomUUID().toString());
        seen = updates.create(
                stack,
                new UpdateSpec("shop", Operation.Up, Cause.SpecChanged, "r", "f", null),
                Optional.empty(),
                List.of());
    }

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void oneThatNobodyHasClaimedHasNotStarted() {
        assertThat(standing()).isInstanceOf(Runs.Standing.Unstarted.class);
    }

    @Test
    void oneThatHasEndedSinceIsClosed() {
        // when
        updates.end(seen, Phase.Succeeded, Optional.empty(), "done");

        // then
        assertThat(standing()).isInstanceOf(Runs.Standing.Closed.class);
    }

    @Test
    void oneThatWasClaimedSinceMayBeAtWork() {
        // when
        client.resource(seen)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"run\": {\"executor\": {\"instance\": \"i\", \"host\": \"h\"}}}}");

        // then
        assertThat(standing()).isInstanceOf(Runs.Standing.Lost.class);
    }

    private Runs.Standing standing() {
        return runs.taken(stack, List.of(seen)).getFirst().standing();
    }

    /** Stands for hosts that cannot be looked into. */
    private static final class OthersMayLive implements Runs.Executors {

        @Override
        public ExecutorStatus self() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOwn(ExecutorStatus executor) {
            return false;
        }

        @Override
        public Optional<Runs.Doubt> doubt(String updateUid, ExecutorStatus other) {
            return Optional.of(new Runs.Doubt("it may live", true));
        }
    }
}
