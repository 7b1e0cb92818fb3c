package io.stackwright.operator.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.telemetry.Metrics;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Names of Updates that are taken already, though nobody here knew: right after another operator led, or a restore. */
class UpdatesIT {

    private final KubernetesClient client = ControlPlane.shared().client();
    private final Metrics metrics = new Metrics();
    private final Updates updates = new Updates(client, Clock.systemUTC(), metrics);
    private String namespace;
    private Stack stack;

    @BeforeEach
    void prepare() {
        ControlPlane.shared().applyCrds(Toolchain.root().resolve("crds/manifests"));
        namespace = ControlPlane.shared().createNamespace("names");
        stack = stack();
    }

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void theSameRunIsTheSameUpdate() {
        // given
        Update first = create(stack, "f1");

        // then
        assertThat(create(stack, "f1").getMetadata().getUid())
                .isEqualTo(first.getMetadata().getUid());
    }

    @Test
    void anUnknownUpdateOfThisStackMeansThatTheDecisionIsStale() {
        // given
        create(stack, "f1");

        // then no second run is recorded beside it
        assertThatThrownBy(() -> create(stack, "f2"))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(409));
        assertThat(client.resources(Update.class).inNamespace(namespace).list().getItems())
                .hasSize(1);
    }

    @Test
    void oneThatHasEndedIsNotRunAgain() {
        // given
        updates.end(create(stack, "f1"), Phase.Succeeded, Optional.empty(), "done");

        // then
        assertThatThrownBy(() -> create(stack, "f1")).isInstanceOf(KubernetesClientException.class);
    }

    /** As when its finalizer could not be taken away in the same go, and the cache does not show its end yet. */
    @Test
    void anEndThatIsWrittenAgainIsCountedOnce() {
        // given
        Update update = create(stack, "f1");

        // when
        updates.end(update, Phase.Failed, Optional.empty(), "no");
        updates.end(update, Phase.Failed, Optional.empty(), "no");
        updates.end(create(stack(), "f2"), Phase.Failed, Optional.empty(), "no");

        // then
        assertThat(metrics.scrape()).contains("stackwright_updates_total{operation=\"Up\",result=\"Failed\"} 2.0");
    }

    /** As with a cache that has seen its creation and nothing since. */
    @Test
    void whatHasBeenClaimedSinceIsNotEndedAsUnstarted() {
        // given
        UnstartedRecords unstarted = new UnstartedRecords(updates);
        Update claimed = create(stack, "f1");
        Update ended = create(stack(), "f2");
        Update waits = create(stack(), "f3");
        client.resource(claimed)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"run\": {\"executor\": {\"instance\": \"i\", \"host\": \"h\"}}}}");
        updates.end(ended, Phase.Succeeded, Optional.empty(), "done");

        // then
        assertThat(unstarted.end(claimed, "no longer wanted")).isFalse();
        assertThat(unstarted.end(ended, "no longer wanted")).isFalse();
        assertThat(unstarted.end(waits, "no longer wanted")).isTrue();
        assertThat(now(claimed).getStatus().phase()).isNull();
        assertThat(now(claimed).getMetadata().getFinalizers()).containsExactly(Updates.FINALIZER);
        assertThat(now(ended).getStatus().phase()).isEqualTo(Phase.Succeeded);
        assertThat(now(waits).getStatus().phase()).isEqualTo(Phase.Superseded);
        assertThat(now(waits).getMetadata().getFinalizers()).isEmpty();
    }

    private Update now(Update update) {
        return client.resource(update).get();
    }

    /** As when a run claims it at that moment. */
    @Test
    void anEndThatIsOvertakenIsNotCounted() {
        // given
        Update update = create(stack, "f1");

        // when
        boolean written = updates.writeEnd(update, Phase.Superseded, Optional.empty(), "no", Optional.of("1"));
        updates.end(update, Phase.Succeeded, Optional.empty(), "done");

        // then
        assertThat(written).isFalse();
        assertThat(metrics.scrape())
                .contains("stackwright_updates_total{operation=\"Up\",result=\"Succeeded\"} 1.0")
                .contains("stackwright_updates_total{operation=\"Up\",result=\"Superseded\"} 0.0");
    }

    @Test
    void anUpdateOfAFormerStackOfThisNameIsNeverAdopted() {
        // given
        Update former = create(stack(), "f1");

        // then
        Update own = create(stack, "f1");
        assertThat(own.getMetadata().getName()).isEqualTo("shop-2");
        assertThat(own.getMetadata().getUid()).isNotEqualTo(former.getMetadata().getUid());
    }

    @Test
    void whatARefreshFoundIsCountedAsDrift() {
        // given
        Update refresh = create(stack, Operation.Refresh, "f1");
        client.resources(Update.class)
                .inNamespace(namespace)
                .withName(refresh.getMetadata().getName())
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"run\": {\"changes\": {\"update\": 2, \"delete\": 1, \"same\": 4}}}}");

        // when by somebody who has not heard of it
        updates.end(refresh, Phase.Succeeded, Optional.empty(), "done");

        // then
        assertThat(metrics.scrape()).contains("stackwright_drifted_resources_total 3.0");
    }

    /** A tenant's pod may write any number. */
    @Test
    void noNumberThatARunMayWriteTurnsTheCountBack() {
        // given
        Update refresh = create(stack, Operation.Refresh, "f1");
        client.resources(Update.class)
                .inNamespace(namespace)
                .withName(refresh.getMetadata().getName())
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"run\": {\"changes\": {\"update\": 2147483647, \"delete\": 2147483647}}}}");

        // when
        updates.end(refresh, Phase.Succeeded, Optional.empty(), "done");

        // then
        assertThat(metrics.scrape()).contains("stackwright_drifted_resources_total 4.294967294E9");
    }

    private Update create(Stack owner, String fingerprint) {
        return create(owner, Operation.Up, fingerprint);
    }

    private Update create(Stack owner, Operation operation, String fingerprint) {
        return updates.create(
                owner,
                new UpdateSpec("shop", operation, Cause.SpecChanged, "r", fingerprint, null),
                Optional.empty(),
                List.of());
    }

    private Stack stack() {
        Stack made = new Stack();
        made.getMetadata().setName("shop");
        made.getMetadata().setNamespace(namespace);
        made.getMetadata().setUid(UUID.randomUUID().toString());
        return made;
    }
}
