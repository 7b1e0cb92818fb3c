package io.stackwright.operator.stack.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.DeletionPolicy;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The normative state table: what each state of a Stack looks like to kubectl, Helm, Flux and Argo CD. */
class StateTableTest {

    private static final String NONE = "-";

    /** State, snapshot, Ready as status/reason, Reconciling reason, Stalled reason, kstatus. */
    static Stream<Arguments> table() {
        return Stream.of(
                row(
                        "just created, nothing run",
                        Snapshots.fresh(),
                        "False/Progressing",
                        "Progressing",
                        NONE,
                        "InProgress"),
                row(
                        "source looked at for the first time",
                        Snapshots.fresh().sourcePending(),
                        "False/SourceNotReady",
                        "SourceNotReady",
                        NONE,
                        "InProgress"),
                row(
                        "run in progress for changed inputs",
                        Snapshots.changed().running(Operation.Up, true),
                        "False/Progressing",
                        "Progressing",
                        NONE,
                        "InProgress"),
                row(
                        "asked for, source being looked at",
                        Snapshots.applied().asking(),
                        "False/Progressing",
                        "Progressing",
                        NONE,
                        "InProgress"),
                row(
                        "asked for, source that was wrong being looked at",
                        Snapshots.applied().sourceProblem(Reason.SourceInvalid).asking(),
                        "False/Progressing",
                        "Progressing",
                        NONE,
                        "InProgress"),
                row(
                        "the pod of a run cannot start",
                        Snapshots.changed().running(Operation.Up, true).hindered(3),
                        "False/Unschedulable",
                        "Unschedulable",
                        NONE,
                        "InProgress"),
                row(
                        "the report of a run cannot be taken up",
                        Snapshots.changed().running(Operation.Up, true).untaken(2),
                        "False/ApiRefused",
                        "ApiRefused",
                        NONE,
                        "InProgress"),
                row("applied, nothing due", Snapshots.applied(), "True/Applied", NONE, NONE, "Current"),
                row("applied, to be verified", Snapshots.changed().unverified(), "True/Applied", NONE, NONE, "Current"),
                row(
                        "applied, being verified",
                        Snapshots.changed().unverified().running(Operation.Preview, false),
                        "True/Applied",
                        NONE,
                        NONE,
                        "Current"),
                row(
                        "applied, cannot be verified for long",
                        Snapshots.failed(1, Duration.ofSeconds(10)).unverified(),
                        "False/UpdateFailed",
                        "ProgressingWithRetry",
                        NONE,
                        "InProgress"),
                row(
                        "ad-hoc preview running",
                        Snapshots.applied().running(Operation.Preview, false),
                        "True/Applied",
                        NONE,
                        NONE,
                        "Current"),
                row(
                        "ad-hoc refresh waits to start",
                        Snapshots.applied().adHoc(Operation.Refresh),
                        "True/Applied",
                        NONE,
                        NONE,
                        "Current"),
                row(
                        "ad-hoc preview running, inputs changed meanwhile",
                        Snapshots.changed().running(Operation.Preview, false),
                        "False/Progressing",
                        "Progressing",
                        NONE,
                        "InProgress"),
                row(
                        "failed, will retry",
                        Snapshots.failed(1, Duration.ofSeconds(10)),
                        "False/UpdateFailed",
                        "ProgressingWithRetry",
                        NONE,
                        "InProgress"),
                row(
                        "retry in progress",
                        Snapshots.failed(1, Duration.ofSeconds(-1)).running(Operation.Up, true),
                        "False/Progressing",
                        "ProgressingWithRetry",
                        NONE,
                        "InProgress"),
                row(
                        "failed for good",
                        Snapshots.changed()
                                .failing(Snapshots.failure(Reason.ConfigInvalid, 1, Snapshots.FINGERPRINT, null)),
                        "False/ConfigInvalid",
                        NONE,
                        "ConfigInvalid",
                        "Failed"),
                row(
                        "locked by others for long",
                        Snapshots.changed()
                                .failing(Snapshots.failure(
                                        Reason.Locked, 40, Snapshots.FINGERPRINT, Snapshots.NOW.plusSeconds(9))),
                        "False/Locked",
                        NONE,
                        "Locked",
                        "Failed"),
                row(
                        "ConfigMap of the source deleted",
                        Snapshots.applied().sourceProblem(Reason.SourceNotReady),
                        "False/SourceNotReady",
                        "SourceNotReady",
                        NONE,
                        "InProgress"),
                row(
                        "an up was cut short, inputs are those that were applied before it",
                        Snapshots.applied().appliedInDoubt(),
                        "False/Progressing",
                        "Progressing",
                        NONE,
                        "InProgress"),
                row(
                        "being deleted with a spec that cannot be read",
                        Snapshots.applied().invalid().deleting(DeletionPolicy.Destroy),
                        "False/Deleting",
                        NONE,
                        "InvalidSpec",
                        "Failed"),
                row(
                        "source away for a moment, applied inputs unchanged",
                        Snapshots.applied().sourceAway(Duration.ofMinutes(9)),
                        "True/Applied",
                        "ProgressingWithRetry",
                        NONE,
                        "InProgress"),
                row(
                        "source away for long, applied inputs unchanged",
                        Snapshots.applied().sourceAway(Duration.ofMinutes(10)),
                        "False/SourceUnavailable",
                        "ProgressingWithRetry",
                        NONE,
                        "InProgress"),
                row(
                        "source not looked at since a restart",
                        Snapshots.applied().sourcePending(),
                        "True/Applied",
                        NONE,
                        NONE,
                        "Current"),
                row(
                        "source away since a restart",
                        Snapshots.applied().sourceProblem(Reason.SourceUnavailable),
                        "True/Applied",
                        "ProgressingWithRetry",
                        NONE,
                        "InProgress"),
                row(
                        "source wrong",
                        Snapshots.applied().sourceProblem(Reason.SourceInvalid),
                        "False/SourceInvalid",
                        NONE,
                        "SourceInvalid",
                        "Failed"),
                row(
                        "source away before the first run",
                        Snapshots.fresh().sourceProblem(Reason.SourceUnavailable),
                        "False/SourceUnavailable",
                        "SourceUnavailable",
                        NONE,
                        "InProgress"),
                row("invalid spec", Snapshots.applied().invalid(), "False/InvalidSpec", NONE, "InvalidSpec", "Failed"),
                row(
                        "identity trouble",
                        Snapshots.applied().claimed(),
                        "False/IdentityClaimed",
                        NONE,
                        "IdentityClaimed",
                        "Failed"),
                row(
                        "identity taken, by the mark in the backend",
                        Snapshots.changed()
                                .failing(Snapshots.failure(
                                        Reason.IdentityClaimed,
                                        1,
                                        Snapshots.FINGERPRINT,
                                        Snapshots.NOW.plusSeconds(600))),
                        "False/IdentityClaimed",
                        NONE,
                        "IdentityClaimed",
                        "Failed"),
                row(
                        "waits for inputs that do not exist yet",
                        Snapshots.applied().inputsProblem(Reason.InputsNotReady),
                        "False/InputsNotReady",
                        "InputsNotReady",
                        NONE,
                        "InProgress"),
                row(
                        "inputs that cannot be used",
                        Snapshots.applied().inputsProblem(Reason.InputsInvalid),
                        "False/InputsInvalid",
                        NONE,
                        "InputsInvalid",
                        "Failed"),
                row(
                        "suspended, applied is what is wanted",
                        Snapshots.applied().suspended(),
                        "True/Applied",
                        NONE,
                        NONE,
                        "Current"),
                row(
                        "suspended, something unapplied",
                        Snapshots.changed().suspended(),
                        "False/Suspended",
                        NONE,
                        NONE,
                        "InProgress"),
                row(
                        "suspended before the first run",
                        Snapshots.fresh().suspended(),
                        "False/Suspended",
                        NONE,
                        NONE,
                        "InProgress"),
                row(
                        "cancelled by a person",
                        Snapshots.changed()
                                .failing(Snapshots.failure(Reason.Cancelled, 1, Snapshots.FINGERPRINT, null)),
                        "False/Cancelled",
                        NONE,
                        "Cancelled",
                        "Failed"),
                row(
                        "run lost, executor not proven dead",
                        Snapshots.changed().lost(),
                        "False/Interrupted",
                        "Interrupted",
                        NONE,
                        "InProgress"),
                row(
                        "being deleted",
                        Snapshots.applied().deleting(DeletionPolicy.Destroy),
                        "False/Deleting",
                        "Progressing",
                        NONE,
                        "InProgress"),
                row(
                        "being deleted, destroy failed",
                        Snapshots.applied()
                                .deleting(DeletionPolicy.Destroy)
                                .failing(Snapshots.failure(
                                        Reason.DestroyFailed, 2, Snapshots.DELETION, Snapshots.NOW.plusSeconds(9))),
                        "False/Deleting",
                        "ProgressingWithRetry",
                        NONE,
                        "InProgress"),
                row(
                        "being deleted, locked by others",
                        Snapshots.applied()
                                .deleting(DeletionPolicy.Destroy)
                                .failing(lockedSince(Duration.ofMinutes(14))),
                        "False/Deleting",
                        "ProgressingWithRetry",
                        NONE,
                        "InProgress"),
                row(
                        "being deleted, locked by others for long",
                        Snapshots.applied()
                                .deleting(DeletionPolicy.Destroy)
                                .failing(lockedSince(StackConditions.LOCK_TOLERANCE)),
                        "False/Deleting",
                        NONE,
                        "Locked",
                        "Failed"),
                row(
                        "being deleted, needs a person",
                        Snapshots.applied()
                                .deleting(DeletionPolicy.Destroy)
                                .failing(Snapshots.failure(Reason.ProtectedResources, 1, Snapshots.DELETION, null)),
                        "False/Deleting",
                        NONE,
                        "ProtectedResources",
                        "Failed"),
                row(
                        "run in progress is being cancelled",
                        Snapshots.changed().running(Operation.Up, true).cancelling(),
                        "False/Progressing",
                        "Progressing",
                        NONE,
                        "InProgress"),
                row(
                        "run in progress is being superseded",
                        Snapshots.changed().running(Operation.Up, true).superseding("hmac-sha256:other"),
                        "False/Progressing",
                        "Progressing",
                        NONE,
                        "InProgress"),
                row(
                        "ad-hoc preview is being cancelled",
                        Snapshots.applied().running(Operation.Preview, false).cancelling(),
                        "True/Applied",
                        NONE,
                        NONE,
                        "Current"),
                row(
                        "being deleted, destroy cancelled by a person",
                        Snapshots.applied()
                                .deleting(DeletionPolicy.Destroy)
                                .failing(Snapshots.failure(Reason.Cancelled, 1, Snapshots.DELETION, null)),
                        "False/Deleting",
                        NONE,
                        "Cancelled",
                        "Failed"),
                row(
                        "being deleted, state lost",
                        Snapshots.applied()
                                .deleting(DeletionPolicy.Destroy)
                                .failing(Snapshots.failure(Reason.StateMissing, 1, Snapshots.DELETION, null)),
                        "False/Deleting",
                        NONE,
                        "StateMissing",
                        "Failed"),
                row(
                        "being deleted, waits for credentials",
                        Snapshots.applied().inputsProblem(Reason.InputsNotReady).deleting(DeletionPolicy.Destroy),
                        "False/Deleting",
                        "InputsNotReady",
                        NONE,
                        "InProgress"),
                row(
                        "being deleted, given up",
                        Snapshots.applied()
                                .invalid()
                                .deleting(DeletionPolicy.Destroy)
                                .abandoning(Snapshots.UID),
                        "False/Deleting",
                        "Progressing",
                        NONE,
                        "InProgress"),
                row(
                        "being deleted while an up runs",
                        Snapshots.applied().deleting(DeletionPolicy.Destroy).running(Operation.Up, true),
                        "False/Deleting",
                        "Progressing",
                        NONE,
                        "InProgress"));
    }

    private static FailureStatus lockedSince(Duration ago) {
        return new FailureStatus(
                40,
                Reason.Locked.name(),
                "somebody has it",
                Snapshots.DELETION,
                3L,
                "prod-2",
                Snapshots.NOW.minus(ago).toString(),
                Snapshots.NOW.minusSeconds(5).toString(),
                Snapshots.NOW.plusSeconds(9).toString());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void stateLooksAsTheTableSays(
            String state, Snapshots given, String ready, String reconciling, String stalled, String kstatus) {
        // given
        Snapshot snapshot = given.build();

        // when
        List<Condition> conditions = new StackConditions().build(snapshot, new Decider().decide(snapshot));

        // then
        Condition readyCondition = find(conditions, Condition.READY).orElseThrow();
        assertThat(readyCondition.status() + "/" + readyCondition.reason()).isEqualTo(ready);
        assertThat(reasonOf(conditions, Condition.RECONCILING)).isEqualTo(reconciling);
        assertThat(reasonOf(conditions, Condition.STALLED)).isEqualTo(stalled);
        assertThat(Kstatus.of(conditions)).isEqualTo(kstatus);
        assertThat(conditions)
                .allSatisfy(
                        condition -> assertThat(condition.observedGeneration()).isEqualTo(3))
                .allSatisfy(condition -> assertThat(condition.message()).isNotBlank());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void aDeletionThatDoesNotGoOnNamesTheLastResort(
            String state, Snapshots given, String ready, String reconciling, String stalled, String kstatus) {
        // given
        Snapshot snapshot = given.build();

        // when
        NextStep step = new Decider().decide(snapshot);
        Condition condition = find(new StackConditions().build(snapshot, step), Condition.READY)
                .orElseThrow();

        // then
        boolean held = snapshot.deletion().isPresent()
                && (step instanceof NextStep.Stall
                        || step instanceof NextStep.Backoff
                        || step instanceof NextStep.Await
                        || step instanceof NextStep.AwaitProof);
        assertThat(condition.message().contains("stackwright.io/abandon=" + Snapshots.UID))
                .as(condition.message())
                .isEqualTo(held);
    }

    @Test
    void anAnnotationOfAnotherObjectIsToldFromThisOnes() {
        // given
        Snapshot snapshot = Snapshots.applied()
                .invalid()
                .deleting(DeletionPolicy.Destroy)
                .abandoning("77aa")
                .build();

        // when
        List<Condition> conditions = new StackConditions().build(snapshot, new Decider().decide(snapshot));

        // then
        assertThat(find(conditions, Condition.STALLED).orElseThrow().message())
                .contains("stackwright.io/abandon is of another object", "must be " + Snapshots.UID);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void aReasonThatStallsIsNeverReconciling(
            String state, Snapshots given, String ready, String reconciling, String stalled, String kstatus) {
        // given
        Snapshot snapshot = given.build();

        // when
        List<Condition> conditions = new StackConditions().build(snapshot, new Decider().decide(snapshot));

        // then
        find(conditions, Condition.STALLED)
                .map(condition -> Reason.valueOf(condition.reason()))
                .filter(reason -> reason != Reason.Locked)
                .ifPresent(reason -> assertThat(reason.stalls()).isTrue());
        find(conditions, Condition.RECONCILING)
                .ifPresent(condition ->
                        assertThat(Reason.valueOf(condition.reason()).stalls()).isFalse());
    }

    /** kstatus' rules for a generic resource, as far as conditions decide. */
    private static final class Kstatus {
        static String of(List<Condition> conditions) {
            if (find(conditions, Condition.RECONCILING).isPresent()) {
                return "InProgress";
            }
            if (find(conditions, Condition.STALLED).isPresent()) {
                return "Failed";
            }
            return find(conditions, Condition.READY).orElseThrow().status().equals(Condition.TRUE)
                    ? "Current"
                    : "InProgress";
        }
    }

    private static Optional<Condition> find(List<Condition> conditions, String type) {
        return conditions.stream().filter(c -> c.type().equals(type)).findFirst();
    }

    private static String reasonOf(List<Condition> conditions, String type) {
        return find(conditions, type)
                .map(condition -> {
                    assertThat(condition.status()).isEqualTo(Condition.TRUE);
                    return condition.reason();
                })
                .orElse(NONE);
    }

    private static Arguments row(
            String state, Snapshots given, String ready, String reconciling, String stalled, String kstatus) {
        return Arguments.of(state, given, ready, reconciling, stalled, kstatus);
    }
}
