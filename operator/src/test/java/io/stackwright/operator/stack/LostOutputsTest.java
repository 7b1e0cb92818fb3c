package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus.AppliedStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When the Secret of the outputs is not taken for lost; that an up follows where it is, StackOutputsIT shows. */
class LostOutputsTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final AppliedStatus APPLIED =
            new AppliedStatus("r", "f", "k", 3L, "shop-1", NOW.minusSeconds(10).toString(), null);

    private final Stack stack = new Stack();
    private final StatusDraft draft = new StatusDraft(null);
    private final Directory directory = new Directory();
    private int asked;
    private boolean exists = true;

    @BeforeEach
    void published() {
        stack.setMetadata(
                new ObjectMetaBuilder().withNamespace("ns").withName("shop").build());
        draft.applied(APPLIED);
        draft.outputs(null, List.of(), List.of(), "shop-outputs");
    }

    @Test
    void nobodyIsAskedForOneThatTheWatchKnows() {
        // given
        directory.hasSecret = true;

        // when
        notice();

        // then
        assertThat(draft.status().applied()).isEqualTo(APPLIED);
        assertThat(asked).isZero();
    }

    @Test
    void oneThatTheWatchDoesNotKnowYetIsThereAllTheSame() {
        // when
        notice();

        // then
        assertThat(draft.status().applied()).isEqualTo(APPLIED);
        assertThat(asked).isEqualTo(1);
    }

    @Test
    void nobodyIsAskedWhereAnUpIsDueInAnyCase() {
        // given
        draft.applied(APPLIED.evidencedBy(null, "k", null));

        // when
        notice();

        // then
        assertThat(asked).isZero();
    }

    @Test
    void nobodyIsAskedBeforeAnythingIsPublished() {
        // given
        draft.outputs(null, List.of(), List.of(), null);

        // when
        notice();

        // then
        assertThat(asked).isZero();
    }

    @Test
    void aStackThatIsBeingDeletedNeedsNone() {
        // given
        stack.getMetadata().setDeletionTimestamp("2026-05-01T12:00:00Z");

        // when
        notice();

        // then
        assertThat(asked).isZero();
    }

    /** Somebody may delete it whenever it appears. */
    @Test
    void oneThatIsDeletedSoonAfterAnUpIsMadeAnewAfterAPause() {
        // given
        exists = false;

        // when, then
        assertThat(notice()).contains(LostOutputs.PAUSE.minusSeconds(10));
        assertThat(draft.status().applied()).isEqualTo(APPLIED);
    }

    private Optional<Duration> notice() {
        return new LostOutputs(
                        (namespace, name) -> {
                            asked++;
                            return exists;
                        },
                        null,
                        Clock.fixed(NOW, ZoneOffset.UTC))
                .notice(draft, stack, directory);
    }

    private static final class Directory implements StackDirectory {

        private boolean hasSecret;

        @Override
        public boolean exists(String uid) {
            return true;
        }

        @Override
        public boolean isPinnedByAnother(String identityKey, String uid) {
            return false;
        }

        @Override
        public boolean hasSecret(String namespace, String name) {
            return hasSecret;
        }
    }
}
