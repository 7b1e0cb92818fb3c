package io.stackwright.operator.stack.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.DeletionPolicy;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeciderTest {

    private final Decider decider = new Decider();

    private NextStep decide(Snapshots given) {
        return decider.decide(given.build());
    }

    private static NextStep up(Cause cause) {
        return new NextStep.Start(Operation.Up, cause, Optional.empty());
    }

    @Test
    void theFirstRunStartsAsSoonAsEverythingIsKnown() {
        assertThat(decide(Snapshots.fresh())).isEqualTo(up(Cause.FirstRun));
    }

    @Test
    void equalFingerprintsMeanNothingToDo() {
        assertThat(decide(Snapshots.applied())).isEqualTo(NextStep.Settled.fully());
    }

    @Test
    void theCauseTellsWhatChanged() {
        assertThat(decide(Snapshots.changed())).isEqualTo(up(Cause.SpecChanged));
        assertThat(decide(Snapshots.changed().generationApplied(3))).isEqualTo(up(Cause.InputsChanged));
        assertThat(decide(Snapshots.changed().generationApplied(3).revision("main@sha1:2")))
                .isEqualTo(up(Cause.SourceChanged));
        // given an up that was cut short with the spec and source that are applied
        assertThat(decide(Snapshots.applied().appliedInDoubt())).isEqualTo(up(Cause.Retry));
        assertThat(decide(Snapshots.changed().appliedInDoubt())).isEqualTo(up(Cause.SpecChanged));
    }

    @Test
    void whatIsPresumedToBeAppliedIsLookedAtBehindAllElse() {
        // given
        NextStep look = new NextStep.Start(Operation.Preview, Cause.Verify, Optional.empty());

        // then
        assertThat(decide(Snapshots.changed().unverified())).isEqualTo(look);
        assertThat(decide(Snapshots.applied().unverified())).isEqualTo(look);
        assertThat(decide(Snapshots.changed().unverified().requested())).isEqualTo(up(Cause.Requested));
        assertThat(decide(Snapshots.changed().unverified().adHoc(Operation.Refresh)))
                .isEqualTo(new NextStep.Start(Operation.Refresh, Cause.Requested, Optional.of("look")));
        assertThat(decide(Snapshots.changed().unverified().suspended())).isEqualTo(NextStep.Settled.fully());
        assertThat(decide(Snapshots.failed(1, Duration.ofSeconds(10)).unverified()))
                .isInstanceOf(NextStep.Backoff.class);
    }

    /** It knew something that nobody knows yet after a restart. */
    @Test
    void anUpThatHasNotStartedIsNoNewsOfOldSuccess() {
        assertThat(decide(Snapshots.applied().sourcePending())).isEqualTo(NextStep.Settled.fully());
        assertThat(decide(Snapshots.applied().sourcePending().outdated("another")))
                .isInstanceOf(NextStep.Await.class);
    }

    @Test
    void aRequestRunsAnAppliedStack() {
        assertThat(decide(Snapshots.applied().requested())).isEqualTo(up(Cause.Requested));
    }

    @Test
    void aRequestWaitsForALookAtTheSource() {
        NextStep looks = new NextStep.Await(new Problem(Reason.Progressing, "looks at the source, as was asked for"));
        assertThat(decide(Snapshots.applied().asking())).isEqualTo(looks);
        assertThat(decide(Snapshots.changed().asking())).isEqualTo(looks);
        assertThat(decide(Snapshots.applied().claimed().asking())).isEqualTo(looks);
        assertThat(decide(Snapshots.applied().sourcePending().asking())).isEqualTo(looks);
        assertThat(decide(Snapshots.applied().invalid().asking())).isInstanceOf(NextStep.Stall.class);
        assertThat(decide(Snapshots.applied().suspended().asking())).isEqualTo(NextStep.Settled.fully());
        assertThat(decide(Snapshots.applied().asking().deleting(DeletionPolicy.Destroy)))
                .isEqualTo(new NextStep.Start(Operation.Destroy, Cause.Deletion, Optional.empty()));
    }

    @Test
    void aRequestResetsTheBackoff() {
        assertThat(decide(Snapshots.failed(5, Duration.ofMinutes(9)).requested()))
                .isEqualTo(up(Cause.Requested));
    }

    @Test
    void aFailureWaitsForItsTime() {
        assertThat(decide(Snapshots.failed(1, Duration.ofSeconds(10)))).isInstanceOf(NextStep.Backoff.class);
        assertThat(decide(Snapshots.failed(1, Duration.ZERO))).isEqualTo(up(Cause.Retry));
    }

    @Test
    void aFailureOfTheFutureIsDue() {
        // given a clock that was wrong by two hours when the run failed, and one that differs by a little
        var wrong = Snapshots.failure(Reason.UpdateFailed, 1, Snapshots.FINGERPRINT, at(7210), at(7200));
        var different = Snapshots.failure(Reason.UpdateFailed, 1, Snapshots.FINGERPRINT, at(40), at(30));

        // then
        assertThat(decide(Snapshots.changed().failing(wrong))).isEqualTo(up(Cause.Retry));
        assertThat(decide(Snapshots.changed().failing(different))).isInstanceOf(NextStep.Backoff.class);
    }

    private static Instant at(long seconds) {
        return Snapshots.NOW.plusSeconds(seconds);
    }

    @Test
    void aChangedInputForgetsTheFailure() {
        // given a failure of other inputs, without a next attempt
        Snapshots given =
                Snapshots.changed().failing(Snapshots.failure(Reason.ConfigInvalid, 3, "hmac-sha256:other", null));

        // when, then
        assertThat(decide(given)).isEqualTo(up(Cause.SpecChanged));
    }

    @Test
    void aRunInProgressIsObservedWhateverElseIsWanted() {
        assertThat(decide(Snapshots.changed().running(Operation.Up, true).requested()))
                .isInstanceOf(NextStep.Observe.class);
    }

    @Test
    void aSuspendedStackStartsNothing() {
        assertThat(decide(Snapshots.changed().suspended().requested())).isInstanceOf(NextStep.Rest.class);
        assertThat(decide(Snapshots.applied().suspended().adHoc(Operation.Preview)))
                .isEqualTo(NextStep.Settled.fully());
    }

    @Test
    void anAdHocUpdateRunsAfterWhatIsWanted() {
        assertThat(decide(Snapshots.changed().adHoc(Operation.Preview))).isEqualTo(up(Cause.SpecChanged));
        assertThat(decide(Snapshots.applied().adHoc(Operation.Preview)))
                .isEqualTo(new NextStep.Start(Operation.Preview, Cause.Requested, Optional.of("look")));
    }

    @Test
    void anAdHocUpdateRunsWhileAFailureWaits() {
        assertThat(decide(Snapshots.failed(1, Duration.ofSeconds(10)).adHoc(Operation.Refresh)))
                .isEqualTo(new NextStep.Start(Operation.Refresh, Cause.Requested, Optional.of("look")));
    }

    @Test
    void aRemedyRunsBeforeTheDestroyThatNeedsIt() {
        assertThat(decide(Snapshots.applied().deleting(DeletionPolicy.Destroy).remedy()))
                .isEqualTo(new NextStep.Start(Operation.Refresh, Cause.Requested, Optional.of("remedy")));
        assertThat(decide(Snapshots.applied().deleting(DeletionPolicy.Destroy).runningRemedy()))
                .isInstanceOf(NextStep.Observe.class);
        assertThat(decide(Snapshots.applied().deleting(DeletionPolicy.Destroy).adHoc(Operation.Refresh)))
                .isEqualTo(new NextStep.Start(Operation.Destroy, Cause.Deletion, Optional.empty()));
    }

    @Test
    void deletionDestroysThenReleases() {
        assertThat(decide(Snapshots.applied().deleting(DeletionPolicy.Destroy)))
                .isEqualTo(new NextStep.Start(Operation.Destroy, Cause.Deletion, Optional.empty()));
        assertThat(decide(Snapshots.applied().deleting(DeletionPolicy.Destroy).neverEstablished()))
                .isInstanceOf(NextStep.Release.class);
    }

    @Test
    void deletionDoesNotTrustAStatusThatKnowsLessThanTheUpdates() {
        // given a status that was lost
        Snapshots lost = Snapshots.applied()
                .neverEstablished()
                .deleting(DeletionPolicy.Destroy)
                .traced();

        // when, then
        assertThat(decide(lost)).isEqualTo(new NextStep.Start(Operation.Destroy, Cause.Deletion, Optional.empty()));
        assertThat(decide(lost.sourcePending())).isInstanceOf(NextStep.Await.class);
        assertThat(decide(lost.sourceProblem(Reason.SourceInvalid))).isInstanceOf(NextStep.Stall.class);
        assertThat(decide(lost.abandoning(Snapshots.UID))).isInstanceOf(NextStep.Release.class);
    }

    @Test
    void deletionWithRetainReleasesAtOnce() {
        assertThat(decide(Snapshots.applied().deleting(DeletionPolicy.Retain))).isInstanceOf(NextStep.Release.class);
    }

    @Test
    void deletionGoesOnForASuspendedStack() {
        assertThat(decide(Snapshots.applied().suspended().deleting(DeletionPolicy.Destroy)))
                .isInstanceOf(NextStep.Start.class);
    }

    @Test
    void deletionNeedsNoSource() {
        assertThat(decide(
                        Snapshots.applied().sourceProblem(Reason.SourceInvalid).deleting(DeletionPolicy.Destroy)))
                .isInstanceOf(NextStep.Start.class);
    }

    @Test
    void deletionCancelsARunningUp() {
        assertThat(decide(Snapshots.applied().running(Operation.Up, true).deleting(DeletionPolicy.Destroy)))
                .isInstanceOf(NextStep.Cancel.class);
        assertThat(decide(Snapshots.applied().running(Operation.Destroy, true).deleting(DeletionPolicy.Destroy)))
                .isInstanceOf(NextStep.Observe.class);
    }

    @Test
    void aPersonsWordStopsTheRun() {
        assertThat(decide(Snapshots.changed().running(Operation.Up, true).cancelling()))
                .isInstanceOf(NextStep.Cancel.class);
        assertThat(decide(Snapshots.applied().running(Operation.Preview, false).cancelling()))
                .isInstanceOf(NextStep.Cancel.class);
        assertThat(decide(Snapshots.changed().lost().cancelling())).isInstanceOf(NextStep.AwaitProof.class);
        assertThat(decide(Snapshots.applied()
                        .running(Operation.Destroy, true)
                        .cancelling()
                        .deleting(DeletionPolicy.Destroy)))
                .isInstanceOf(NextStep.Cancel.class);
    }

    @Test
    void anUpWhoseInputsChangeComesToItsEndUnlessTheSpecSaysOtherwise() {
        assertThat(decide(Snapshots.changed().running(Operation.Up, true).outdated("hmac-sha256:other")))
                .isInstanceOf(NextStep.Observe.class);
    }

    @Test
    void anUpIsStoppedForAnotherOneOnlyIfThatCouldStart() {
        // given an up of other inputs than those wanted
        assertThat(decide(Snapshots.changed().running(Operation.Up, true).superseding("hmac-sha256:other")))
                .isInstanceOf(NextStep.Cancel.class);

        // then not when it has the wanted ones
        assertThat(decide(Snapshots.changed()
                        .running(Operation.Up, true)
                        .superseding(Snapshots.FINGERPRINT)
                        .requested()))
                .isInstanceOf(NextStep.Observe.class);
        // nor when nothing could follow
        assertThat(decide(Snapshots.changed()
                        .running(Operation.Up, true)
                        .superseding("hmac-sha256:other")
                        .suspended()))
                .isInstanceOf(NextStep.Observe.class);
        assertThat(decide(Snapshots.changed()
                        .running(Operation.Up, true)
                        .superseding("hmac-sha256:other")
                        .inputsProblem(Reason.InputsNotReady)))
                .isInstanceOf(NextStep.Observe.class);
        // nor anything but an up
        assertThat(decide(Snapshots.changed().running(Operation.Preview, false).superseding("hmac-sha256:other")))
                .isInstanceOf(NextStep.Observe.class);
    }

    @Test
    void aRunThatCannotStartGivesWayToAChangedSpecAndToNothingElse() {
        // given one that was decided on for the present spec
        assertThat(decide(Snapshots.changed().running(Operation.Up, true).hindered(3)))
                .isInstanceOf(NextStep.Observe.class);

        // then another one may help
        assertThat(decide(Snapshots.changed().running(Operation.Up, true).hindered(2)))
                .isInstanceOf(NextStep.Cancel.class);
        assertThat(decide(Snapshots.applied()
                        .running(Operation.Destroy, true)
                        .hindered(2)
                        .deleting(DeletionPolicy.Destroy)))
                .isInstanceOf(NextStep.Cancel.class);
    }

    @Test
    void retainSaidLaterStopsTheDestroy() {
        assertThat(decide(Snapshots.applied().running(Operation.Destroy, true).deleting(DeletionPolicy.Retain)))
                .isInstanceOf(NextStep.Cancel.class);
    }

    @Test
    void abandoningReleasesWhateverStandsInTheWay() {
        NextStep given = new NextStep.Release(NextStep.Leaving.ABANDONED);
        assertThat(decide(abandoned(Snapshots.applied()))).isEqualTo(given);
        assertThat(decide(abandoned(Snapshots.applied().invalid()))).isEqualTo(given);
        assertThat(decide(abandoned(Snapshots.applied().inputsProblem(Reason.InputsNotReady))))
                .isEqualTo(given);
        assertThat(decide(abandoned(Snapshots.changed().lost()))).isEqualTo(given);
        assertThat(decide(abandoned(Snapshots.applied().running(Operation.Destroy, true))))
                .isInstanceOf(NextStep.Cancel.class);
    }

    @Test
    void abandoningNeedsTheUidAndTheDeletion() {
        // given a copy of another object's annotation
        assertThat(decide(Snapshots.applied().deleting(DeletionPolicy.Destroy).abandoning("77aa")))
                .isInstanceOf(NextStep.Start.class);
        // and an annotation on a Stack that nobody deletes
        assertThat(decide(Snapshots.applied().abandoning(Snapshots.UID))).isEqualTo(NextStep.Settled.fully());
    }

    private static Snapshots abandoned(Snapshots given) {
        return given.deleting(DeletionPolicy.Destroy).abandoning(Snapshots.UID);
    }

    @Test
    void aLostRunHoldsEverythingEvenTheDeletion() {
        assertThat(decide(Snapshots.changed().lost())).isInstanceOf(NextStep.AwaitProof.class);
        assertThat(decide(Snapshots.changed().lost().deleting(DeletionPolicy.Destroy)))
                .isInstanceOf(NextStep.AwaitProof.class);
    }

    @Test
    void anIdentityThatChangedStopsEverything() {
        assertThat(decide(Snapshots.changed().claimed().requested())).isInstanceOf(NextStep.Stall.class);
    }

    @Test
    void goingBackToWhatWasAppliedRunsAgainAfterSomethingElseHasFailed() {
        // given F1 applied, then an up of F2 that failed half-way, then F1 again
        Snapshots given = Snapshots.applied()
                .appliedInDoubt()
                .failing(Snapshots.failure(Reason.UpdateFailed, 1, "hmac-sha256:f2", Snapshots.NOW.plusSeconds(60)));

        // when, then
        assertThat(decide(given)).isInstanceOf(NextStep.Start.class);
    }

    @Test
    void anEditOfTheSpecIsTriedAtOnceEvenIfThePulumiInputsAreTheSame() {
        // given a stall of generation 2, for instance of another spec.stackName
        var failure = Snapshots.failure(Reason.IdentityClaimed, 1, Snapshots.FINGERPRINT, null);
        var older = new io.stackwright.api.v1alpha1.StackStatus.FailureStatus(
                1, failure.reason(), failure.message(), failure.fingerprint(), 2L, "prod-2", null, null, null);

        // when, then
        assertThat(decide(Snapshots.changed().failing(failure))).isInstanceOf(NextStep.Stall.class);
        assertThat(decide(Snapshots.changed().failing(older))).isInstanceOf(NextStep.Start.class);
    }

    @Test
    void aSpecThatCannotBeReadNeverTurnsRetainIntoDestroy() {
        // given: an unreadable spec has no deletionPolicy, so its default applies
        Snapshots given = Snapshots.applied().invalid().deleting(DeletionPolicy.Destroy);

        // when, then
        assertThat(decide(given)).isInstanceOf(NextStep.Stall.class);
    }
}
