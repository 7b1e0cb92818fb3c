package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** What the executor of an {@link Update} reports while it runs and at its end; bounded, secrets masked. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunStatus(
        @JsonPropertyDescription("Who runs it.") ExecutorStatus executor,

        @JsonPropertyDescription("How far it is; written at most every three seconds.")
        Progress progress,

        @JsonPropertyDescription(
                "Resource operations by kind: those that finished; of a Preview, those that an Up would do.")
        Changes changes,

        @JsonPropertyDescription("Changed resources, replacements first, at most 40.")
        List<Step> steps,

        @JsonPropertyDescription("How many changed resources are left out of `steps`.")
        Integer omittedSteps,

        @JsonPropertyDescription("Messages of the engine and the program, errors first, at most 20.")
        List<Diagnostic> diagnostics,

        @JsonPropertyDescription("How the operation ended; absent while it runs.")
        Result result,

        @JsonPropertyDescription("Version of the Pulumi CLI. Example: 3.250.0")
        String pulumiVersion,

        @JsonPropertyDescription(
                "Where the full log is: a path on the executor's host, or the command that shows the log of its Job.")
        String log) {

    /** How an operation ended. */
    public enum Result {
        Succeeded,
        Failed,
        Cancelled,
        Interrupted
    }

    /** How far an operation is. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Progress(
            @JsonPropertyDescription("Resources done.") Integer completed,
            @JsonPropertyDescription("Resources failed.") Integer failed,

            @JsonPropertyDescription("Resources expected, where known.")
            Integer total,

            @JsonPropertyDescription("What is being done. Example: aws:s3/bucket:Bucket logs (creating)")
            String current) {}

    /** Resource operations by kind. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Changes(
            @JsonPropertyDescription("Created.") Integer create,
            @JsonPropertyDescription("Updated in place.") Integer update,
            @JsonPropertyDescription("Replaced.") Integer replace,
            @JsonPropertyDescription("Deleted.") Integer delete,
            @JsonPropertyDescription("Left as they were.") Integer same) {

        /** How many resources were changed in any way. A number that is missing, or makes no sense, counts as none. */
        public long changed() {
            return counted(create) + counted(update) + counted(replace) + counted(delete);
        }

        /** How many resources there are after an up that has come to a good end. */
        public long left() {
            return counted(create) + counted(update) + counted(replace) + counted(same);
        }

        /** Whoever may report on a run can write anything there. */
        private static long counted(Integer number) {
            return number == null ? 0 : Math.max(0, number);
        }
    }

    /** One changed resource. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Step(
            @JsonPropertyDescription("create, update, replace, delete, read or refresh.")
            String operation,

            @JsonPropertyDescription("Pulumi type token.") String type,
            @JsonPropertyDescription("Pulumi name.") String name,
            @JsonPropertyDescription("URN.") String urn,

            @JsonPropertyDescription("Changed property paths, at most 10.")
            List<String> diff,

            @JsonPropertyDescription("True when the operation on this resource failed.")
            Boolean failed) {}

    /** One message. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Diagnostic(
            @JsonPropertyDescription("error, warning or info.")
            String severity,

            @JsonPropertyDescription("The resource it is about.")
            String urn,

            @JsonPropertyDescription("Text, at most 1024 characters.")
            String message) {}
}
