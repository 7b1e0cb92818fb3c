package io.stackwright.operator.stack.decide;

import io.stackwright.api.v1alpha1.DeletionPolicy;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.AppliedStatus;
import io.stackwright.api.v1alpha1.StackStatus.CurrentStatus;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Builds snapshots for tests: a Stack of generation 3 whose source and inputs are known and that was never run. */
final class Snapshots {

    static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    static final String UID = "4e1c";
    static final String FINGERPRINT = "hmac-sha256:aa";
    static final String DELETION = "deletion@3/hmac-sha256:dd";
    static final StackIdentity IDENTITY = new StackIdentity("organization", "shop", "prod", "file:///state", false);

    private Optional<Deletion> deletion = Optional.empty();
    private boolean suspended;
    private boolean supersedes;
    private CurrentStatus current;
    private Optional<ActiveRun> active = Optional.empty();
    private Optional<Problem> spec = Optional.empty();
    private Optional<Problem> identity = Optional.empty();
    private SourceView source = SourceView.at("main@sha1:1");
    private Optional<Problem> inputs = Optional.empty();
    private Optional<String> fingerprint = Optional.of(FINGERPRINT);
    private Map<String, String> requests = Map.of();
    private Optional<AdHocUpdate> adHoc = Optional.empty();
    private boolean unverified;
    private StackIdentity stack;
    private AppliedStatus applied;
    private FailureStatus failures;
    private String lastUpdate;

    static Snapshots fresh() {
        return new Snapshots();
    }

    static Snapshots applied() {
        Snapshots s = new Snapshots();
        s.stack = IDENTITY;
        s.lastUpdate = "prod-1";
        s.applied = new AppliedStatus("main@sha1:1", FINGERPRINT, "k1", 3L, "prod-1", NOW.toString(), null);
        return s;
    }

    /** The spec has changed since: the applied fingerprint is another one. */
    static Snapshots changed() {
        Snapshots s = applied();
        s.applied = new AppliedStatus("main@sha1:1", "hmac-sha256:old", "k1", 2L, "prod-1", NOW.toString(), null);
        return s;
    }

    static Snapshots failed(int count, Duration nextIn) {
        Snapshots s = changed();
        s.failures = failure(Reason.UpdateFailed, count, FINGERPRINT, NOW.plus(nextIn));
        return s;
    }

    static FailureStatus failure(Reason reason, int count, String fingerprint, Instant next) {
        return failure(reason, count, fingerprint, next, NOW.minusSeconds(5));
    }

    static FailureStatus failure(Reason reason, int count, String fingerprint, Instant next, Instant last) {
        return new FailureStatus(
                count,
                reason.name(),
                "it broke",
                fingerprint,
                3L,
                "prod-2",
                NOW.minusSeconds(1000).toString(),
                last.toString(),
                next == null ? null : next.toString());
    }

    Snapshots with(UnaryOperator<Snapshots> change) {
        return change.apply(this);
    }

    Snapshots failing(FailureStatus value) {
        failures = value;
        return this;
    }

    Snapshots neverEstablished() {
        stack = null;
        applied = null;
        return this;
    }

    Snapshots deleting(DeletionPolicy policy) {
        deletion = Optional.of(new Deletion(policy, UID, Optional.empty(), DELETION, false));
        fingerprint = Optional.empty();
        return this;
    }

    Snapshots abandoning(String uid) {
        deletion = deletion.map(d -> new Deletion(d.policy(), d.uid(), Optional.of(uid), d.fingerprint(), d.traces()));
        return this;
    }

    /** Updates tell of runs that may have left something. */
    Snapshots traced() {
        deletion = deletion.map(d -> new Deletion(d.policy(), d.uid(), d.abandon(), d.fingerprint(), true));
        return this;
    }

    /** A person has asked for the run in progress to be stopped. */
    Snapshots cancelling() {
        active = active.map(
                run -> new ActiveRun(run.update(), run.operation(), run.wanted(), run.lost(), run.remedy(), true));
        return this;
    }

    /** The run in progress was started with these inputs, and is stopped when others are wanted. */
    Snapshots superseding(String runsWith) {
        supersedes = true;
        return outdated(runsWith);
    }

    /** The run in progress was started with these inputs. */
    Snapshots outdated(String runsWith) {
        current = new CurrentStatus("prod-2", Operation.Up, 3L, "main@sha1:1", runsWith, null, NOW.toString(), null);
        return this;
    }

    /** The run in progress cannot start; it was decided on for that generation of the spec. */
    Snapshots hindered(long generation) {
        return hindered(generation, new Problem(Reason.Unschedulable, "no node takes the pod"), false);
    }

    /** The run in progress has ended, and nobody may read how; it was decided on for that generation of the spec. */
    Snapshots untaken(long generation) {
        return hindered(generation, new Problem(Reason.ApiRefused, "its report cannot be taken up yet"), true);
    }

    private Snapshots hindered(long generation, Problem hindrance, boolean begun) {
        active = active.map(run -> new ActiveRun(
                run.update(),
                run.operation(),
                run.wanted(),
                run.lost(),
                run.remedy(),
                run.cancelled(),
                Optional.of(hindrance),
                begun));
        current = new CurrentStatus(
                "prod-2", Operation.Up, generation, "main@sha1:1", FINGERPRINT, null, NOW.toString(), null);
        return this;
    }

    Snapshots suspended() {
        suspended = true;
        return this;
    }

    Snapshots running(Operation operation, boolean wanted) {
        active = Optional.of(new ActiveRun("prod-2", operation, wanted, Optional.empty()));
        return this;
    }

    Snapshots lost() {
        active = Optional.of(new ActiveRun("prod-2", Operation.Up, true, Optional.of("process 7 is still alive")));
        return this;
    }

    Snapshots invalid() {
        spec = Optional.of(new Problem(Reason.InvalidSpec, "spec.x is wrong"));
        return this;
    }

    Snapshots claimed() {
        identity = Optional.of(new Problem(Reason.IdentityClaimed, "another Stack has it"));
        return this;
    }

    Snapshots sourceProblem(Reason reason) {
        source = SourceView.missing(new Problem(reason, "source: " + reason));
        fingerprint = Optional.empty();
        return this;
    }

    Snapshots sourcePending() {
        source = SourceView.pending();
        fingerprint = Optional.empty();
        return this;
    }

    /** An up was started and no later one has succeeded. */
    Snapshots appliedInDoubt() {
        applied =
                new AppliedStatus(applied.revision(), null, "k1", applied.generation(), "prod-1", NOW.toString(), null);
        return this;
    }

    Snapshots sourceAway(Duration since) {
        source = new SourceView(
                Optional.of("main@sha1:1"),
                Optional.of(new Problem(Reason.SourceUnavailable, "connection refused")),
                Optional.of(NOW.minus(since)));
        return this;
    }

    Snapshots revision(String revision) {
        source = SourceView.at(revision);
        return this;
    }

    Snapshots generationApplied(long generation) {
        applied = new AppliedStatus(
                applied.revision(), applied.fingerprint(), "k1", generation, "prod-1", NOW.toString(), null);
        return this;
    }

    Snapshots inputsProblem(Reason reason) {
        inputs = Optional.of(new Problem(reason, "inputs: " + reason));
        fingerprint = Optional.empty();
        return this;
    }

    Snapshots requested() {
        requests = Map.of("stackwright.io/reconcile", "now");
        return this;
    }

    /** A request that the source is being looked at for. */
    Snapshots asking() {
        source = source.beingAsked();
        return requested();
    }

    Snapshots adHoc(Operation operation) {
        adHoc = Optional.of(new AdHocUpdate("look", operation, false));
        return this;
    }

    /** A person's Refresh that says what became of creates that were cut short. */
    Snapshots remedy() {
        adHoc = Optional.of(new AdHocUpdate("remedy", Operation.Refresh, false, true));
        return this;
    }

    Snapshots runningRemedy() {
        active = Optional.of(new ActiveRun("remedy", Operation.Refresh, false, Optional.empty(), true, false));
        return this;
    }

    /** What is applied has a fingerprint of another key. */
    Snapshots unverified() {
        unverified = true;
        return this;
    }

    Snapshot build() {
        StackStatus status = new StackStatus(
                3L,
                null,
                stack,
                null,
                applied,
                current,
                lastUpdate,
                null,
                null,
                null,
                null,
                4,
                failures,
                null,
                null,
                null);
        return new Snapshot(
                NOW,
                3,
                deletion,
                suspended,
                supersedes,
                status,
                active,
                spec,
                identity,
                source,
                inputs,
                fingerprint,
                requests,
                adHoc,
                unverified);
    }
}
