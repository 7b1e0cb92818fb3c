package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Observed state of a {@link Stack}, written by the operator alone. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = ListMap.class, input = "conditions=type")
public record StackStatus(
        @JsonPropertyDescription("The generation that this status speaks of; -1 before the first look.")
        Long observedGeneration,

        @JsonPropertyDescription("Ready, Reconciling and Stalled follow kstatus; the last two exist only while True.")
        List<Condition> conditions,

        @JsonPropertyDescription("Identity of the Pulumi stack, pinned at the first run.")
        StackIdentity stack,

        @JsonPropertyDescription("The latest revision of the source that was seen.")
        SourceStatus source,

        @JsonPropertyDescription("What was applied last, successfully and as a whole.")
        AppliedStatus applied,

        @JsonPropertyDescription("The operation in progress, written before it starts.")
        CurrentStatus current,

        @JsonPropertyDescription("Name of the newest Update of this Stack.")
        String lastUpdate,

        @JsonPropertyDescription("Stack outputs that are not secret, JSON types kept, at most 32 KiB in all.")
        Map<String, JsonNode> outputs,

        @JsonPropertyDescription("Names of the secret outputs; their values are in the outputs Secret.")
        List<String> secretOutputs,

        @JsonPropertyDescription(
                "Outputs left out of `outputs` for their size; their values are in the outputs Secret.")
        List<String> omittedOutputs,

        @JsonPropertyDescription("Name of the Secret with all outputs.")
        String outputsSecret,

        @JsonPropertyDescription("Number of resources in the state after the last run.")
        Integer resources,

        @JsonPropertyDescription("Failures since the last success or change of an input.")
        FailureStatus failures,

        @JsonPropertyDescription("On-demand requests that were taken up: annotation to its value.")
        Map<String, String> handled,

        @JsonPropertyDescription("The value of reconcile.fluxcd.io/requestedAt that was taken up last.")
        String lastHandledReconcileAt,

        @JsonPropertyDescription("Names of stack tags that runs since the last success may have set or removed.")
        List<String> tagsInDoubt) {

    /** The status of an object that the operator has not looked at. */
    public static StackStatus empty() {
        return new StackStatus(
                null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** The condition of that type, if present. */
    public Optional<Condition> condition(String type) {
        return conditions == null
                ? Optional.empty()
                : conditions.stream().filter(c -> c.type().equals(type)).findFirst();
    }

    /** Identity of a Pulumi stack. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record StackIdentity(
            @JsonPropertyDescription("Pulumi organisation; `organization` on self-managed backends.")
            String organization,

            @JsonPropertyDescription("Pulumi project: `name` of Pulumi.yaml.")
            String project,

            @JsonPropertyDescription("Pulumi stack, without the organisation.")
            String name,

            @JsonPropertyDescription("Backend URL without credentials.")
            String backend,

            @JsonPropertyDescription("True when the Pulumi stack had resources before the operator knew it.")
            Boolean adopted) {

        /** Whether this stack had resources before the operator knew it. */
        public boolean wasAdopted() {
            return Boolean.TRUE.equals(adopted);
        }

        /** {@code organization/project/name}, as Pulumi writes it. */
        public String qualifiedName() {
            return organization + "/" + project + "/" + name;
        }
    }

    /** The source as it was last resolved. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SourceStatus(
            @JsonPropertyDescription("Revision. Example: main@sha1:3f1c…")
            String revision,

            @JsonPropertyDescription("Digest of the content that matters.")
            String digest,

            @JsonPropertyDescription("When this revision was first seen, RFC 3339.")
            String resolvedAt) {}

    /** The last complete success. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record AppliedStatus(
            @JsonPropertyDescription("Revision of the source that was applied.")
            String revision,

            @JsonPropertyDescription("Keyed digest over everything that was applied.")
            String fingerprint,

            @JsonPropertyDescription("Which key the fingerprint was made with.")
            String keyId,

            @JsonPropertyDescription("Generation of the spec that was applied.")
            Long generation,

            @JsonPropertyDescription("Name of the Update that applied it.")
            String update,

            @JsonPropertyDescription("When, RFC 3339.") String at,

            @JsonPropertyDescription("Stack tags that were set; `tagsInDoubt` may be others by now.")
            Map<String, String> tags,

            @JsonPropertyDescription("Version of the Pulumi CLI that applied it, or found that it still is so.")
            String pulumiVersion) {

        /** Without a known version of the CLI. */
        public AppliedStatus(
                String revision,
                String fingerprint,
                String keyId,
                Long generation,
                String update,
                String at,
                Map<String, String> tags) {
            this(revision, fingerprint, keyId, generation, update, at, tags, null);
        }

        /** The same, known to be what another revision or generation wants too. */
        public AppliedStatus carriedOver(String nextRevision, Long nextGeneration) {
            return new AppliedStatus(nextRevision, fingerprint, keyId, nextGeneration, update, at, tags, pulumiVersion);
        }

        /** The same, with other evidence of what was applied; none when it is in doubt. */
        public AppliedStatus evidencedBy(String nextFingerprint, String nextKeyId, String nextPulumiVersion) {
            return new AppliedStatus(
                    revision, nextFingerprint, nextKeyId, generation, update, at, tags, nextPulumiVersion);
        }
    }

    /** The operation in progress. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record CurrentStatus(
            @JsonPropertyDescription("Name of its Update; absent for a deletion in a terminating namespace.")
            String update,

            @JsonPropertyDescription("Up, Preview, Refresh or Destroy.")
            Operation operation,

            @JsonPropertyDescription("Generation of the spec that it carries out.")
            Long generation,

            @JsonPropertyDescription("Revision of the source that it carries out.")
            String revision,

            @JsonPropertyDescription("Fingerprint of the inputs that it carries out.")
            String fingerprint,

            @JsonPropertyDescription("True when this run pinned the identity.")
            Boolean pins,

            @JsonPropertyDescription("When it was handed to an executor, RFC 3339.")
            String startedAt,

            @JsonPropertyDescription("Who runs it.") ExecutorStatus executor,

            @JsonPropertyDescription("What it puts in doubt, as it was before: put back if it never starts.")
            FormerStatus former) {

        /** One that puts nothing in doubt. */
        public CurrentStatus(
                String update,
                Operation operation,
                Long generation,
                String revision,
                String fingerprint,
                Boolean pins,
                String startedAt,
                ExecutorStatus executor) {
            this(update, operation, generation, revision, fingerprint, pins, startedAt, executor, null);
        }
    }

    /** What was known before a run that may change it was handed over. */
    public record FormerStatus(
            @JsonPropertyDescription("Fingerprint of what was applied.")
            String fingerprint,

            @JsonPropertyDescription("Names of stack tags that were in doubt.")
            List<String> tagsInDoubt,

            @JsonPropertyDescription("Number of resources, where the run is to create all anew.")
            Integer resources) {

        /**
         * What a status knows; null for nothing.
         *
         * @param anew whether the run is to create all anew, so that no number of resources counts any more
         */
        public static FormerStatus of(StackStatus status, boolean anew) {
            String fingerprint =
                    status.applied() == null ? null : status.applied().fingerprint();
            Integer resources = anew ? status.resources() : null;
            return fingerprint == null && status.tagsInDoubt() == null && resources == null
                    ? null
                    : new FormerStatus(fingerprint, status.tagsInDoubt(), resources);
        }
    }

    /** Failures since the last success or change of an input. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record FailureStatus(
            @JsonPropertyDescription("How many in a row.") Integer count,

            @JsonPropertyDescription("Reason of the last one.")
            String reason,

            @JsonPropertyDescription("Message of the last one.")
            String message,

            @JsonPropertyDescription("Fingerprint of the inputs that failed.")
            String fingerprint,

            @JsonPropertyDescription("Generation of the spec that failed.")
            Long generation,

            @JsonPropertyDescription("Name of the Update that failed last.")
            String update,

            @JsonPropertyDescription("Since when they have had this reason, RFC 3339.")
            String since,

            @JsonPropertyDescription("When the last one was, RFC 3339.")
            String lastAt,

            @JsonPropertyDescription("When the next attempt is due, RFC 3339; absent when none is planned.")
            String nextAttemptAt) {

        /** The same, with another time for the next attempt. */
        public FailureStatus dueAt(String next) {
            return new FailureStatus(count, reason, message, fingerprint, generation, update, since, lastAt, next);
        }
    }
}
