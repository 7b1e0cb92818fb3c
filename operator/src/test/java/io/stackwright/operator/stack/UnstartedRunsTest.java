package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.AppliedStatus;
import io.stackwright.api.v1alpha1.StackStatus.CurrentStatus;
import io.stackwright.api.v1alpha1.StackStatus.FormerStatus;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a run that was decided on has put in doubt, and what becomes of that when it has not begun. */
class UnstartedRunsTest {

    private static final AppliedStatus APPLIED = new AppliedStatus("r", "f", "k", 3L, "shop-0", "t", null, "3.250.0");
    private static final StackIdentity IDENTITY = new StackIdentity("organization", "p", "s", "file:///d", null);
    private static final Runs.Standing ACTIVE = new Runs.Standing.Active(Optional.empty(), true);

    private final StatusDraft draft = new StatusDraft(null);

    @BeforeEach
    void inDoubt() {
        draft.applied(APPLIED.evidencedBy(null, "k", "3.250.0"));
        draft.tagsInDoubt(List.of("env", "team"));
        draft.stack(IDENTITY);
    }

    @Test
    void whatWasKnownBeforeIsKnownAgain() {
        // given
        current(Operation.Up, null, new FormerStatus("f", List.of("team"), 7));

        // when
        RunStarts.putBack(draft, taken(new Runs.Standing.Unstarted(), Operation.Up));

        // then
        assertThat(draft.status().applied()).isEqualTo(APPLIED);
        assertThat(draft.status().tagsInDoubt()).containsExactly("team");
        assertThat(draft.status().resources()).isEqualTo(7);
        assertThat(draft.status().stack()).isEqualTo(IDENTITY);
    }

    @Test
    void anIdentityThatWasPinnedForItBindsNobody() {
        // given
        current(Operation.Up, true, null);

        // when
        RunStarts.putBack(draft, taken(new Runs.Standing.Unstarted(), Operation.Up));

        // then
        assertThat(draft.status().stack()).isNull();
        assertThat(draft.status().tagsInDoubt()).isNull();
    }

    /** A lost Secret of outputs, or a verification that has found changes, says so besides. */
    @Test
    void whatIsInDoubtForAReasonOfItsOwnStaysSo() {
        // given
        draft.applied(APPLIED.evidencedBy(null, null, "3.250.0"));
        current(Operation.Refresh, null, new FormerStatus("f", null, null));

        // when
        RunStarts.putBack(draft, taken(new Runs.Standing.Unstarted(), Operation.Refresh));

        // then
        assertThat(draft.status().applied().fingerprint()).isNull();
    }

    @Test
    void oneThatOnlyLooksHasPutNothingInDoubt() {
        // given
        current(Operation.Preview, null, null);
        StackStatus before = draft.status();

        // when
        RunStarts.putBack(draft, taken(new Runs.Standing.Unstarted(), Operation.Preview));

        // then
        assertThat(draft.status()).isEqualTo(before);
    }

    @Test
    void whatHasBegunStaysInDoubt() {
        // given
        current(Operation.Up, true, new FormerStatus("f", null, 7));
        StackStatus before = draft.status();

        // when
        RunStarts.putBack(draft, taken(ACTIVE, Operation.Up));
        RunStarts.doubtBegun(draft, taken(ACTIVE, Operation.Up));

        // then
        assertThat(draft.status()).isEqualTo(before);
    }

    /** It pins where something may be left. */
    @Test
    void aDestroyKeepsItsIdentity() {
        // given
        current(Operation.Destroy, true, null);

        // when
        RunStarts.putBack(draft, taken(new Runs.Standing.Unstarted(), Operation.Destroy));

        // then
        assertThat(draft.status().stack()).isEqualTo(IDENTITY);
    }

    /** It was claimed in the moment in which it was to be superseded. */
    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"Up", "Preview"})
    void anUpThatRunsWithoutBeingNamedPutsInDoubtWhatIsApplied(Operation operation) {
        // given
        draft.applied(APPLIED);

        // when
        RunStarts.doubtBegun(draft, taken(ACTIVE, operation));

        // then
        assertThat(draft.status().applied().fingerprint()).isEqualTo(operation == Operation.Up ? null : "f");
    }

    @Test
    void aRequestThatNoRunAnswersIsOpenAgain() {
        // given
        draft.handled(Map.of(Requests.FLUX_RECONCILE, "now"));
        assertThat(draft.status().lastHandledReconcileAt()).isEqualTo("now");

        // when
        draft.unhandled(Requests.RUNS);

        // then
        assertThat(draft.status().handled()).isNull();
        assertThat(draft.status().lastHandledReconcileAt()).isNull();

        // given
        draft.handled(Map.of(Requests.RECONCILE, "now", Requests.UNLOCK, "a-lock"));

        // when
        draft.unhandled(Requests.RUNS);

        // then
        assertThat(draft.status().handled()).containsExactly(Map.entry(Requests.UNLOCK, "a-lock"));
    }

    private void current(Operation operation, Boolean pins, FormerStatus former) {
        draft.current(new CurrentStatus("shop-1", operation, 3L, "r", "g", pins, "t", null, former));
    }

    private static List<Runs.Taken> taken(Runs.Standing standing, Operation operation) {
        return List.of(new Runs.Taken(RunUpdates.claimed(null, operation), standing));
    }
}
