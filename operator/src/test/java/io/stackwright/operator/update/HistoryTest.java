package io.stackwright.operator.update;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.AppliedStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.api.v1alpha1.UpdateStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HistoryTest {

    @Test
    void theNewestStay() {
        // given 12 in one second: only their numbers tell them apart
        List<Update> updates = new ArrayList<>();
        for (int n = 1; n <= 12; n++) {
            updates.add(update("shop-" + n, Phase.Succeeded, false));
        }

        // when
        List<Update> surplus = History.surplus(updates, StackStatus.empty(), 10);

        // then
        assertThat(names(surplus)).containsExactlyInAnyOrder("shop-1", "shop-2");
    }

    @Test
    void theAppliedOneStaysHoweverOld() {
        // given
        List<Update> updates = List.of(update("shop-1", Phase.Succeeded, false), update("shop-2", Phase.Failed, false));
        StackStatus status = new StackStatus(
                null,
                null,
                null,
                null,
                new AppliedStatus(null, null, null, null, "shop-1", null, null),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);

        // when, then
        assertThat(History.surplus(updates, status, 1)).isEmpty();
    }

    @Test
    void whatHasNotEndedStays() {
        // given one that runs, one that nobody has looked at, and one whose end is written but not let go
        List<Update> updates = List.of(
                update("shop-1", Phase.Running, true),
                update("shop-2", null, false),
                update("shop-3", Phase.Succeeded, true));

        // when, then
        assertThat(History.surplus(updates, StackStatus.empty(), 0)).isEmpty();
    }

    @Test
    void whatHasJustEndedCounts() {
        // given one whose end was written after it was read
        List<Update> updates = List.of(update("shop-1", Phase.Succeeded, false), update("shop-2", Phase.Running, true));

        // when
        List<Update> surplus = History.surplus(updates, Set.of("shop-2"), StackStatus.empty(), 1);

        // then
        assertThat(names(surplus)).containsExactly("shop-1");
    }

    /** Who asked for it waits for it, and its name has no number that would tell which of the two came last. */
    @Test
    void ofOneSecondAPersonsStays() {
        // given
        Update own = update("shop-4", Phase.Succeeded, false);
        own.getMetadata()
                .setOwnerReferences(List.of(new OwnerReferenceBuilder()
                        .withApiVersion(HasMetadata.getApiVersion(Stack.class))
                        .withKind(HasMetadata.getKind(Stack.class))
                        .withName("shop")
                        .withUid("u")
                        .build()));

        // when
        List<Update> surplus =
                History.surplus(List.of(own, update("look", Phase.Succeeded, false)), StackStatus.empty(), 1);

        // then
        assertThat(names(surplus)).containsExactly("shop-4");
    }

    /** Its lock may be there still, and nothing else proves that its holder is dead. */
    @Test
    void whatWasCutShortStaysUntilARunHasSucceeded() {
        // given
        List<Update> updates = new ArrayList<>(List.of(
                update("shop-1", Phase.Interrupted, false),
                update("shop-2", Phase.Succeeded, false),
                update("shop-3", Phase.Interrupted, false),
                preview("shop-4"),
                update("shop-5", Phase.Failed, false)));

        // when, then
        assertThat(names(History.surplus(updates, StackStatus.empty(), 1)))
                .containsExactlyInAnyOrder("shop-1", "shop-2", "shop-4");

        // when
        updates.add(update("shop-6", Phase.Succeeded, false));

        // then
        assertThat(names(History.surplus(updates, StackStatus.empty(), 1)))
                .containsExactlyInAnyOrder("shop-1", "shop-2", "shop-3", "shop-4", "shop-5");
    }

    @Test
    void howManyOfThemStayIsBounded() {
        // given
        List<Update> updates = new ArrayList<>();
        for (int n = 1; n <= 60; n++) {
            updates.add(update("shop-" + n, Phase.Interrupted, false));
        }

        // when, then
        assertThat(History.surplus(updates, StackStatus.empty(), 1)).hasSize(10);
    }

    private static Update preview(String name) {
        Update update = update(name, Phase.Succeeded, false);
        update.setSpec(new UpdateSpec("shop", Operation.Preview, null, null, null, null));
        return update;
    }

    private static Update update(String name, Phase phase, boolean held) {
        Update update = new Update();
        update.setSpec(new UpdateSpec("shop", Operation.Up, null, null, null, null));
        update.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withCreationTimestamp("2026-05-01T12:00:00Z")
                .withFinalizers(held ? List.of(Updates.FINALIZER) : List.of())
                .build());
        update.setStatus(new UpdateStatus(phase, null, null, null, null, null, null));
        return update;
    }

    private static List<String> names(List<Update> updates) {
        return updates.stream().map(update -> update.getMetadata().getName()).toList();
    }
}
