package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.RunStatus.Result;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.stack.OutcomeRecorder.Ended;
import io.stackwright.operator.stack.decide.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OutcomeRecorderTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final StackIdentity PINNED = new StackIdentity("organization", "p", "s", "file:///d", null);

    private static final Footing FOOTING = new Footing("k", "3.250.0");

    private final OutcomeRecorder recorder = new OutcomeRecorder(() -> 0.5);
    private final StatusDraft draft = new StatusDraft(null);

    private static Ended run(Operation operation, String fingerprint, List<String> targets) {
        return new Ended(
                "s-1",
                new UpdateSpec("s", operation, Cause.FirstRun, "r1", fingerprint, targets),
                "r1",
                fingerprint,
                FOOTING,
                3,
                true);
    }

    private static Ended up(String fingerprint) {
        return run(Operation.Up, fingerprint, null);
    }

    private static RunOutcome succeeded() {
        return new RunOutcome(
                Result.Succeeded,
                Optional.empty(),
                Optional.of(false),
                Optional.empty(),
                OptionalInt.of(4),
                Map.of("team", "a"));
    }

    private static RunOutcome failed(Failure.Kind kind, Reason reason) {
        Result result = kind == Failure.Kind.CANCELLED ? Result.Cancelled : Result.Failed;
        return new RunOutcome(
                result,
                Optional.of(new Failure(kind, reason, "it broke")),
                Optional.of(false),
                Optional.empty(),
                OptionalInt.empty(),
                Map.of());
    }

    private void record(Ended run, RunOutcome outcome) {
        recorder.record(draft, run, outcome, RetryPolicy.DEFAULT, NOW);
    }

    private StackStatus status() {
        return draft.status();
    }

    @Test
    void aRemedyLiftsWhatItPutRightAndNothingElse() {
        // given
        Ended remedy = new Ended(
                "look",
                new UpdateSpec("s", Operation.Refresh, null, null, null, null, true, null),
                "r1",
                null,
                FOOTING,
                3,
                false);
        Ended refresh = run(Operation.Refresh, "f1", null);
        record(up("f1"), failed(Failure.Kind.INVALID, Reason.PendingCreates));

        // when, then
        record(refresh, succeeded());
        record(remedy, failed(Failure.Kind.FAILED, Reason.UpdateFailed));
        assertThat(status().failures().reason()).isEqualTo("PendingCreates");
        record(remedy, succeeded());
        assertThat(status().failures()).isNull();

        // when, then
        record(up("f1"), failed(Failure.Kind.INVALID, Reason.ConfigInvalid));
        record(remedy, succeeded());
        assertThat(status().failures().reason()).isEqualTo("ConfigInvalid");
    }

    /**
     * In a bucket, or in a folder whose name only the CLI can tell, nobody sees that somebody's command is at work, and
     * nobody tells when it has ended.
     */
    @Test
    void pendingCreatesAreLookedAtAgainWhereLocksAreNotSeen() {
        // when
        draft.stack(PINNED);
        record(up("f1"), failed(Failure.Kind.INVALID, Reason.PendingCreates));

        // then
        assertThat(status().failures().nextAttemptAt()).isNull();

        for (String backend : List.of("s3://bucket", "file:///a%20b")) {
            // when
            draft.stack(new StackIdentity("organization", "p", "s", backend, null));
            record(up("f1"), failed(Failure.Kind.INVALID, Reason.PendingCreates));

            // then
            assertThat(status().failures().nextAttemptAt())
                    .as(backend)
                    .isEqualTo(NOW.plusSeconds(630).toString());
        }
    }

    @Test
    void aSuccessIsAppliedAndForgetsFailures() {
        // given
        draft.stack(PINNED);
        draft.tagsInDoubt(List.of("team"));
        record(up("f1"), failed(Failure.Kind.FAILED, Reason.UpdateFailed));
        assertThat(status().tagsInDoubt()).containsExactly("team");

        // when
        record(up("f1"), succeeded());

        // then
        assertThat(status().applied().fingerprint()).isEqualTo("f1");
        assertThat(status().tagsInDoubt()).isNull();
        assertThat(status().applied().update()).isEqualTo("s-1");
        assertThat(status().applied().generation()).isEqualTo(3);
        assertThat(status().applied().tags()).isEqualTo(Map.of("team", "a"));
        assertThat(status().failures()).isNull();
        assertThat(status().resources()).isEqualTo(4);
    }

    @Test
    void failuresOfTheSameInputsCountAndGrow() {
        // when
        record(up("f1"), failed(Failure.Kind.FAILED, Reason.UpdateFailed));
        record(up("f1"), failed(Failure.Kind.FAILED, Reason.UpdateFailed));

        // then
        assertThat(status().failures().count()).isEqualTo(2);
        assertThat(status().failures().nextAttemptAt())
                .isEqualTo(NOW.plus(Duration.ofSeconds(20)).toString());
        assertThat(status().applied()).isNull();
    }

    @Test
    void failuresOfOtherInputsStartAgain() {
        // when
        record(up("f1"), failed(Failure.Kind.FAILED, Reason.UpdateFailed));
        record(up("f2"), failed(Failure.Kind.FAILED, Reason.UpdateFailed));

        // then
        assertThat(status().failures().count()).isEqualTo(1);
    }

    @Test
    void whatWaitingDoesNotHealHasNoNextAttempt() {
        // when
        record(up("f1"), failed(Failure.Kind.INVALID, Reason.ConfigInvalid));

        // then
        assertThat(status().failures().nextAttemptAt()).isNull();
    }

    @Test
    void aPersonsCancellationWaitsForAPerson() {
        // when
        record(up("f1"), failed(Failure.Kind.CANCELLED, Reason.Cancelled));

        // then
        assertThat(status().failures().nextAttemptAt()).isNull();
        assertThat(status().failures().message()).contains("stackwright.io/reconcile");
    }

    @ParameterizedTest
    @EnumSource(names = {"TRANSIENT", "FAILED", "TIMED_OUT"})
    void whatMayHealByItselfIsTriedAgainHoweverOften(Failure.Kind kind) {
        Duration limit =
                kind == Failure.Kind.TRANSIENT ? OutcomeRecorder.TRANSIENT_LIMIT : OutcomeRecorder.FAILED_LIMIT;
        for (int i = 1; i <= 100; i++) {
            // when
            record(up("f1"), failed(kind, Reason.UpdateFailed));

            // then
            assertThat(status().failures().count()).isEqualTo(i);
            Instant next = Instant.parse(status().failures().nextAttemptAt());
            assertThat(Duration.between(NOW, next)).isBetween(Duration.ofSeconds(1), limit);
        }
    }

    @Test
    void aLockIsTriedAgainSoonHoweverOften() {
        // when
        for (int i = 0; i < 40; i++) {
            record(up("f1"), failed(Failure.Kind.LOCKED, Reason.Locked));
        }

        // then
        Instant next = Instant.parse(status().failures().nextAttemptAt());
        assertThat(Duration.between(NOW, next)).isLessThan(Duration.ofSeconds(21));
        assertThat(status().failures().since()).isEqualTo(NOW.toString());
    }

    @Test
    void anOutageThatEndsInALockIsNoOldLock() {
        // given
        record(up("f1"), failed(Failure.Kind.TRANSIENT, Reason.BackendUnavailable));
        Instant later = NOW.plus(Duration.ofMinutes(20));

        // when
        recorder.record(draft, up("f1"), failed(Failure.Kind.LOCKED, Reason.Locked), RetryPolicy.DEFAULT, later);

        // then
        assertThat(status().failures().since()).isEqualTo(later.toString());
        assertThat(status().failures().count()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "IdentityClaimed",
                "BackendAuthenticationFailed",
                "PassphraseIncorrect",
                "RuntimeMissing",
                "UnsupportedPulumi"
            })
    void whatIsPutRightWhereNoInputChangesIsTriedAgainSlowlyHoweverOften(Reason reason) {
        for (int i = 0; i < 20; i++) {
            // when
            record(up("f1"), failed(Failure.Kind.INVALID, reason));

            // then
            Instant next = Instant.parse(status().failures().nextAttemptAt());
            assertThat(Duration.between(NOW, next)).isBetween(Duration.ofMinutes(10), Duration.ofMinutes(11));
        }
    }

    @Test
    void aChangeThatPulumiDoesNotSeeIsANewBeginningToo() {
        // given
        record(up("f1"), failed(Failure.Kind.FAILED, Reason.UpdateFailed));
        record(up("f1"), failed(Failure.Kind.FAILED, Reason.UpdateFailed));
        assertThat(status().failures().count()).isEqualTo(2);
        Ended changed = new Ended(
                "s-2",
                new UpdateSpec("s", Operation.Up, Cause.SpecChanged, "r1", "f1", null),
                "r1",
                "f1",
                FOOTING,
                4,
                true);

        // when
        draft.current(null);
        record(changed, failed(Failure.Kind.FAILED, Reason.UpdateFailed));

        // then
        assertThat(status().failures().count()).isEqualTo(1);
    }

    @Test
    void aTargetedUpNeverCountsAsApplied() {
        // when
        record(run(Operation.Up, "f1", List.of("urn:pulumi:x")), succeeded());

        // then
        assertThat(status().applied()).isNull();
    }

    @Test
    void anAdHocFailureIsTheUpdatesOwn() {
        // when
        record(run(Operation.Preview, "f1", null), failed(Failure.Kind.FAILED, Reason.UpdateFailed));

        // then
        assertThat(status().failures()).isNull();
    }

    @Test
    void anInterruptedRunIsNoFailureAndKeepsThePin() {
        // given
        draft.stack(PINNED);
        RunOutcome interrupted = new RunOutcome(
                Result.Interrupted,
                Optional.of(new Failure(Failure.Kind.CANCELLED, Reason.Cancelled, "stopped")),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                Map.of());

        // when
        record(up("f1"), interrupted);

        // then
        assertThat(status().failures()).isNull();
        assertThat(status().stack()).isEqualTo(PINNED);
    }

    @Test
    void theIdentityIsPinnedForGoodByEstablishingIt() {
        // given
        draft.stack(PINNED);

        // when
        record(up("f1"), failed(Failure.Kind.FAILED, Reason.UpdateFailed));

        // then
        assertThat(status().stack().adopted()).isFalse();
    }

    @Test
    void aRunThatNeverGotToTheBackendPinsNothing() {
        // given
        draft.stack(PINNED);
        draft.tagsInDoubt(List.of("team"));
        RunOutcome unreachable = new RunOutcome(
                Result.Failed,
                Optional.of(new Failure(Failure.Kind.TRANSIENT, Reason.BackendUnavailable, "no such bucket")),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                Map.of());

        // when
        record(up("f1"), unreachable);

        // then
        assertThat(status().stack()).isNull();
        assertThat(status().tagsInDoubt()).isNull();
        assertThat(status().failures().reason()).isEqualTo("BackendUnavailable");
    }

    @Test
    void aDestroyLeavesNothingToDestroy() {
        // given
        draft.stack(PINNED);
        record(up("f1"), succeeded());

        // when
        record(run(Operation.Destroy, "deletion@3", null), succeeded());

        // then
        assertThat(status().stack()).isNull();
        assertThat(status().applied()).isNull();
    }

    private static RunOutcome unreachable() {
        return new RunOutcome(
                Result.Failed,
                Optional.of(new Failure(Failure.Kind.TRANSIENT, Reason.BackendUnavailable, "no such bucket")),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                Map.of());
    }

    @Test
    void aFailedDestroyNeverUnpinsWhatMayHoldResources() {
        // given a stack whose first up was interrupted: nobody knows how far it got
        draft.stack(PINNED);

        // when
        record(run(Operation.Destroy, "deletion@3", null), unreachable());

        // then
        assertThat(status().stack()).isEqualTo(PINNED);
    }

    @Test
    void aFailureAfterAnInterruptedRunDoesNotUnpin() {
        // given
        draft.stack(PINNED);
        Ended second = new Ended(
                "s-2", new UpdateSpec("s", Operation.Up, Cause.Retry, "r1", "f1", null), "r1", "f1", FOOTING, 3, false);

        // when
        record(second, unreachable());

        // then
        assertThat(status().stack()).isEqualTo(PINNED);
    }

    /** A backend that is made anew would pass for one in which there never was anything. */
    @Test
    void afterAFailureThatNobodyCountedThereMayBeFirstResources() {
        for (Operation operation : List.of(Operation.Up, Operation.Refresh)) {
            // given
            draft.resources(0);

            // when
            record(run(operation, "f2", null), failed(Failure.Kind.FAILED, Reason.UpdateFailed));

            // then
            assertThat(status().resources()).as("%s", operation).isNull();
        }
        for (Operation operation : List.of(Operation.Preview, Operation.Destroy)) {
            // given
            draft.resources(0);

            // when
            record(run(operation, "f2", null), failed(Failure.Kind.FAILED, Reason.UpdateFailed));

            // then
            assertThat(status().resources()).as("%s", operation).isZero();
        }

        // given some: that number still tells a state that was emptied
        draft.resources(3);

        // when
        record(up("f2"), failed(Failure.Kind.FAILED, Reason.UpdateFailed));

        // then
        assertThat(status().resources()).isEqualTo(3);
    }

    @Test
    void aPreviewWithoutChangesVouchesForWhatIsApplied() {
        // given
        appliedWithKey("lost");

        // when
        verify(noChanges(), null);

        // then
        assertThat(status().applied())
                .isEqualTo(new StackStatus.AppliedStatus("r1", "f2", "k", 3L, "s-1", NOW.toString(), null, "3.250.0"));
    }

    @Test
    void aPreviewThatShowsChangesOrNothingLeavesWhatIsAppliedInDoubt() {
        for (Optional<RunStatus> shown : List.of(
                Optional.of(shown(new RunStatus.Changes(0, 1, 0, 0, 3), null)),
                Optional.of(shown(
                        new RunStatus.Changes(0, 0, 0, 0, 4),
                        List.of(new RunStatus.Step(
                                "update", "pulumi:pulumi:Stack", "s", "urn", List.of("outputs.a"), null)))),
                // How far it was when it last said so: its end was not written.
                Optional.of(new RunStatus(
                        null, null, new RunStatus.Changes(0, 0, 0, 0, 1), null, null, null, null, null, null)),
                Optional.<RunStatus>empty())) {
            // given
            appliedWithKey("lost");

            // when
            verify(shown, null);

            // then
            assertThat(status().applied().fingerprint()).as("%s", shown).isNull();
            assertThat(status().applied().keyId()).isNull();
        }
    }

    @Test
    void whatAPreviewCannotSeeIsNotVouchedFor() {
        // given a secret output, which a preview shows masked, and inputs that cannot be compared
        appliedWithKey("lost");
        verify(noChanges(), List.of("password"));

        // then
        assertThat(status().applied().fingerprint()).isNull();

        // given another Pulumi: the inputs are known to be the same
        appliedWithKey("k");
        verify(noChanges(), List.of("password"));

        // then
        assertThat(status().applied().fingerprint()).isEqualTo("f2");
    }

    @Test
    void aVerificationThatFailedIsTriedAgain() {
        // given
        appliedWithKey("lost");
        Ended preview = verification();

        // when
        record(preview, unreachable());

        // then
        assertThat(status().applied().fingerprint()).isEqualTo("f1");
        assertThat(status().failures().nextAttemptAt()).isNotNull();
    }

    @Test
    void aPersonsPreviewVerifiesNothingWhateverItCallsItself() {
        // given
        appliedWithKey("k");

        // when
        record(verification().ofAPerson(), unreachable());

        // then it is the Update's own failure
        assertThat(status().failures()).isNull();

        // when
        record(up("f1"), unreachable());
        var failures = status().failures();
        record(verification().ofAPerson(), succeeded());

        // then its success is not the Stack's either
        assertThat(failures).isNotNull();
        assertThat(status().failures()).isEqualTo(failures);
        assertThat(OutcomeRecorder.verifies(
                        verification().ofAPerson().keepingPin().bySuperseding()))
                .isFalse();
        assertThat(OutcomeRecorder.verifies(verification())).isTrue();
    }

    private void appliedWithKey(String keyId) {
        draft.stack(new StackIdentity("organization", "p", "s", "file:///d", false));
        draft.applied(new StackStatus.AppliedStatus("r1", "f1", keyId, 3L, "s-1", NOW.toString(), null, "3.249.0"));
    }

    private static Ended verification() {
        return new Ended(
                "s-2",
                new UpdateSpec("s", Operation.Preview, Cause.Verify, "r1", "f2", null),
                "r1",
                "f2",
                FOOTING,
                3,
                false);
    }

    private void verify(Optional<RunStatus> shown, List<String> secretOutputs) {
        draft.outputs(null, secretOutputs, null, null);
        recorder.verified(draft, verification(), shown);
    }

    private static Optional<RunStatus> noChanges() {
        return Optional.of(shown(new RunStatus.Changes(0, 0, 0, 0, 4), null));
    }

    private static RunStatus shown(RunStatus.Changes changes, List<RunStatus.Step> steps) {
        return new RunStatus(null, null, changes, steps, null, null, Result.Succeeded, null, null);
    }

    @Test
    void theEndOfOneRunLeavesTheEvidenceOfAnother() {
        // given
        draft.current(new StackStatus.CurrentStatus("s-2", Operation.Up, 3L, "r1", "f1", null, NOW.toString(), null));

        // when the end of s-1 arrives late
        record(up("f1"), succeeded());

        // then
        assertThat(status().current().update()).isEqualTo("s-2");
    }
}
