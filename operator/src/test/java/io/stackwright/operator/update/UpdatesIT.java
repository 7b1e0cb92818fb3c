package io.stackwright.operator.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Names of Updates that are taken already, though nobody here knew: right after another operator led, or a restore. */
class UpdatesIT {

    private final KubernetesClient client = ControlPlane.shared().client();
    private final Updates updates = new Updates(client, Clock.systemUTC());
    private String namespace;
    private Stack stack;

    @BeforeEach
    void prepare() {
        ControlPlane.shared().applyCrds(Toolchain.root().resolve("crds/manifests"));
        namespace = ControlPlane.shared().createNamespace("names");
        stack = stack();
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

    @Test
    void anUpdateOfAFormerStackOfThisNameIsNeverAdopted() {
        // given
        Update former = create(stack(), "f1");

        // then
        Update own = create(stack, "f1");
        assertThat(own.getMetadata().getName()).isEqualTo("shop-2");
        assertThat(own.getMetadata().getUid()).isNotEqualTo(former.getMetadata().getUid());
    }

    private Update create(Stack owner, String fingerprint) {
        return updates.create(
                owner,
                new UpdateSpec("shop", Operation.Up, Cause.SpecChanged, "r", fingerprint, null),
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
