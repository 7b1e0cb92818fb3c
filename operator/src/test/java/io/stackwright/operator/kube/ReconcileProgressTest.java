package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReconcileProgressTest {

    private static final Duration JUST_NOT = Duration.ofMinutes(10).minusNanos(1);

    private final ResourceID shop = new ResourceID("shop", "prod");
    private final Set<ResourceID> known = new HashSet<>(Set.of(shop));
    private long now = Long.MAX_VALUE - 10;
    private final ReconcileProgress progress = new ReconcileProgress(() -> now);

    @BeforeEach
    void watch() {
        progress.watch(known::contains);
    }

    @Test
    void whoWaitsForNothingMayWaitForEver() {
        // when
        progress.began(shop);
        progress.ended(shop, Optional.empty());
        pass(Duration.ofDays(30));

        // then
        assertThat(progress.stuck()).isEmpty();
    }

    @Test
    void aReconcileThatDoesNotEnd() {
        // given
        progress.began(shop);

        // then
        pass(JUST_NOT);
        assertThat(progress.stuck()).isEmpty();
        pass(Duration.ofNanos(1));
        assertThat(progress.stuck()).hasValue("the reconcile of prod/shop has been under way for 10 minutes");

        // and: it holds its place in the executor, though its resource is gone
        known.clear();
        assertThat(progress.stuck()).isPresent();

        // when
        progress.ended(shop, Optional.empty());

        // then
        assertThat(progress.stuck()).isEmpty();
    }

    @Test
    void aReconcileThatIsDueAndDoesNotCome() {
        // given
        progress.began(shop);
        progress.ended(shop, Optional.of(Duration.ofHours(1)));

        // then
        pass(Duration.ofHours(1).plus(JUST_NOT));
        assertThat(progress.stuck()).isEmpty();
        pass(Duration.ofNanos(1));
        assertThat(progress.stuck()).hasValue("the reconcile of prod/shop has been due for 10 minutes");

        // when
        progress.began(shop);

        // then
        assertThat(progress.stuck()).isEmpty();
    }

    @Test
    void aWakeThatNoReconcileFollows() {
        // given one that is due far later
        progress.ended(shop, Optional.of(Duration.ofHours(1)));
        pass(Duration.ofMinutes(1));
        progress.expect(shop, Duration.ZERO);

        // when: another wake makes it no younger
        pass(JUST_NOT);
        progress.expect(shop, Duration.ZERO);
        pass(Duration.ofNanos(1));

        // then
        assertThat(progress.stuck()).isPresent();
    }

    @Test
    void nobodyReconcilesWhatIsGone() {
        // given
        progress.ended(shop, Optional.of(Duration.ZERO));
        known.clear();
        pass(Duration.ofMinutes(10));

        // then
        assertThat(progress.stuck()).isEmpty();

        // and: another one of its name is not held to that
        known.add(shop);
        assertThat(progress.stuck()).isEmpty();
    }

    private void pass(Duration duration) {
        now += duration.toNanos();
    }
}
