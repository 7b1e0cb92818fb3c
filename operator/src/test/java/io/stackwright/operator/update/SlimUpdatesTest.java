package io.stackwright.operator.update;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.kube.SlimStore;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlimUpdatesTest {

    private static final ExecutorStatus EXECUTOR = new ExecutorStatus("a-1", "a", 1L, "data");

    private final SlimStore<Update> store = new SlimStore<>(SlimUpdates::kept);

    @Test
    void anEndedOneKeepsWhatIsDecidedOn() {
        // given
        Update ended = update(Phase.Succeeded);

        // when
        store.put(store.getKey(ended), ended);

        // then
        Update cached = store.get("team/shop-1");
        assertThat(cached.getSpec()).isEqualTo(ended.getSpec());
        assertThat(cached.getMetadata().getUid()).isEqualTo("uid");
        assertThat(cached.getMetadata().getManagedFields()).isEmpty();
        assertThat(cached.getStatus().phase()).isEqualTo(Phase.Succeeded);
        assertThat(cached.getStatus().run().executor()).isEqualTo(EXECUTOR);
        assertThat(cached.getStatus().run().result()).isEqualTo(RunStatus.Result.Succeeded);
        assertThat(cached.getStatus().run().diagnostics()).isNull();
        assertThat(History.hasEnded(cached)).isTrue();
        assertThat(ended.getStatus().run().diagnostics()).hasSize(1);
    }

    @Test
    void oneThatHasNotEndedStaysWhole() {
        // given
        Update running = update(Phase.Running);

        // when
        store.put(store.getKey(running), running);

        // then
        assertThat(store.get("team/shop-1")).isSameAs(running);
    }

    private static Update update(Phase phase) {
        Update update = new Update();
        update.setMetadata(new ObjectMetaBuilder()
                .withNamespace("team")
                .withName("shop-1")
                .withUid("uid")
                .withManagedFields(new ManagedFieldsEntry())
                .build());
        update.setSpec(new UpdateSpec("shop", Operation.Up, null, null, null, null));
        RunStatus run = new RunStatus(
                EXECUTOR,
                null,
                null,
                null,
                null,
                List.of(new RunStatus.Diagnostic("error", null, "no")),
                RunStatus.Result.Succeeded,
                null,
                null);
        update.setStatus(new UpdateStatus(phase, 1L, null, null, null, null, run));
        return update;
    }
}
