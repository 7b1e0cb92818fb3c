package io.stackwright.operator.gitops;

import io.stackwright.testkit.Toolchain;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The states that GitOps tools see, each with a sample of a real object, and what the tools make of it: the table in
 * docs/gitops.md, which is written from here.
 */
enum State {
    CREATED(Kind.STACK, "created, not seen by the operator yet", Kstatus.INPROGRESS, Argo.PROGRESSING),
    QUEUED(Kind.STACK, "a run waits for its turn", Kstatus.INPROGRESS, Argo.PROGRESSING),
    RUNNING(Kind.STACK, "first run in progress", Kstatus.INPROGRESS, Argo.PROGRESSING),
    APPLIED(Kind.STACK, "applied, nothing to do", Kstatus.CURRENT, Argo.HEALTHY),
    CHANGED(Kind.STACK, "spec changed, not seen by the operator yet", Kstatus.INPROGRESS, Argo.PROGRESSING),
    UPDATING(Kind.STACK, "run in progress for changed inputs", Kstatus.INPROGRESS, Argo.PROGRESSING),
    PREVIEW_RUNNING(Kind.STACK, "applied, a preview on request runs", Kstatus.CURRENT, Argo.HEALTHY),
    FAILED(Kind.STACK, "failed once or twice, will be tried again", Kstatus.INPROGRESS, Argo.PROGRESSING),
    FAILED_REPEATEDLY(Kind.STACK, "failed three times or more, will be tried again", Kstatus.INPROGRESS, Argo.DEGRADED),
    RETRYING(Kind.STACK, "failed three times or more, being tried again", Kstatus.INPROGRESS, Argo.DEGRADED),
    LOCKED(Kind.STACK, "locked by somebody else, for less than 15 minutes", Kstatus.INPROGRESS, Argo.PROGRESSING),
    SOURCE_AWAY(Kind.STACK, "source away, nothing known has changed", Kstatus.INPROGRESS, Argo.PROGRESSING),
    SOURCE_MISSING(Kind.STACK, "the ConfigMap of the source does not exist yet", Kstatus.INPROGRESS, Argo.PROGRESSING),
    INPUTS_MISSING(Kind.STACK, "a referenced object does not exist yet", Kstatus.INPROGRESS, Argo.PROGRESSING),
    UNSCHEDULABLE(
            Kind.STACK, "a run in a Job cannot start: no node takes its pod", Kstatus.INPROGRESS, Argo.PROGRESSING),
    IMAGE_MISSING(
            Kind.STACK,
            "a run in a Job cannot start: its image cannot be pulled",
            Kstatus.INPROGRESS,
            Argo.PROGRESSING),
    ACCOUNT_MISSING(
            Kind.STACK,
            "a run in a Job cannot start: its ServiceAccount does not exist",
            Kstatus.INPROGRESS,
            Argo.PROGRESSING),
    QUOTA_EXCEEDED(
            Kind.STACK, "a run in a Job cannot start: a quota leaves it no room", Kstatus.INPROGRESS, Argo.PROGRESSING),
    INTERRUPTED(
            Kind.STACK,
            "the pod of a run is gone, and nothing proves that it has ended",
            Kstatus.INPROGRESS,
            Argo.PROGRESSING),
    INVALID(Kind.STACK, "spec, source or inputs are wrong", Kstatus.FAILED, Argo.DEGRADED),
    IDENTITY_CHANGED(Kind.STACK, "the spec means another Pulumi stack", Kstatus.FAILED, Argo.DEGRADED),
    PENDING_CREATES(Kind.STACK, "a create was cut short", Kstatus.FAILED, Argo.DEGRADED),
    CANCELLED(Kind.STACK, "a person cancelled the run", Kstatus.FAILED, Argo.DEGRADED),
    SUSPENDED(Kind.STACK, "suspended, all applied", Kstatus.CURRENT, Argo.SUSPENDED),
    SUSPENDED_UNAPPLIED(Kind.STACK, "suspended, something not applied", Kstatus.INPROGRESS, Argo.SUSPENDED),
    DELETING(Kind.STACK, "being deleted", Kstatus.TERMINATING, Argo.PROGRESSING),
    DELETING_STALLED(Kind.STACK, "being deleted, needs a person", Kstatus.TERMINATING, Argo.PROGRESSING),

    UPDATE_CREATED(Kind.UPDATE, "created, not seen by the operator yet", Kstatus.INPROGRESS, Argo.PROGRESSING),
    UPDATE_QUEUED(Kind.UPDATE, "waits for its turn", Kstatus.INPROGRESS, Argo.PROGRESSING),
    UPDATE_UNSCHEDULABLE(
            Kind.UPDATE, "its Job cannot start: no node takes the pod", Kstatus.INPROGRESS, Argo.PROGRESSING),
    UPDATE_IMAGE_MISSING(
            Kind.UPDATE, "its Job cannot start: the image cannot be pulled", Kstatus.INPROGRESS, Argo.PROGRESSING),
    UPDATE_ACCOUNT_MISSING(
            Kind.UPDATE,
            "its Job cannot start: the ServiceAccount does not exist",
            Kstatus.INPROGRESS,
            Argo.PROGRESSING),
    UPDATE_QUOTA_EXCEEDED(
            Kind.UPDATE, "its Job cannot start: a quota leaves no room", Kstatus.INPROGRESS, Argo.PROGRESSING),
    UPDATE_RUNNING(Kind.UPDATE, "runs", Kstatus.INPROGRESS, Argo.PROGRESSING),
    UPDATE_SUCCEEDED(Kind.UPDATE, "succeeded", Kstatus.CURRENT, Argo.HEALTHY),
    UPDATE_FAILED(Kind.UPDATE, "failed", Kstatus.FAILED, Argo.DEGRADED),
    UPDATE_INTERRUPTED(Kind.UPDATE, "cut short", Kstatus.FAILED, Argo.DEGRADED),
    UPDATE_CANCELLED(Kind.UPDATE, "cancelled", Kstatus.FAILED, Argo.DEGRADED),
    UPDATE_SUPERSEDED(Kind.UPDATE, "something newer took its place", Kstatus.FAILED, Argo.DEGRADED);

    /** Argo CD's files for our group, in the layout of its own repository. */
    static final Path CUSTOMIZATIONS = Toolchain.root().resolve("gitops/argocd/resource_customizations/stackwright.io");

    enum Kind {
        STACK("Stack", ""),
        UPDATE("Update", "update-");

        private final String name;
        private final String prefix;

        Kind(String name, String prefix) {
            this.name = name;
            this.prefix = prefix;
        }

        /** As {@code kind:} has it. */
        String title() {
            return name;
        }

        Path folder() {
            return CUSTOMIZATIONS.resolve(name);
        }

        Path healthScript() {
            return folder().resolve("health.lua");
        }

        List<State> states() {
            return Arrays.stream(State.values())
                    .filter(state -> state.kind == this)
                    .toList();
        }
    }

    /** What kstatus computes. */
    enum Kstatus {
        INPROGRESS("InProgress"),
        CURRENT("Current"),
        FAILED("Failed"),
        TERMINATING("Terminating");

        private final String word;

        Kstatus(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /** What Argo CD shows. */
    enum Argo {
        PROGRESSING("Progressing"),
        HEALTHY("Healthy"),
        SUSPENDED("Suspended"),
        DEGRADED("Degraded");

        private final String word;

        Argo(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    private final Kind kind;
    private final String words;
    private final Kstatus kstatus;
    private final Argo argo;

    State(Kind kind, String words, Kstatus kstatus, Argo argo) {
        this.kind = kind;
        this.words = words;
        this.kstatus = kstatus;
        this.argo = argo;
    }

    Kind kind() {
        return kind;
    }

    String words() {
        return words;
    }

    Kstatus kstatus() {
        return kstatus;
    }

    Argo argo() {
        return argo;
    }

    /** Name of the sample's file, without its ending. */
    String sampleName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-').substring(kind.prefix.length());
    }

    /** The sample, in the place where Argo CD keeps those of its own tests. */
    Path sample() {
        return kind.folder().resolve("testdata/" + sampleName() + ".yaml");
    }
}
