package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import java.util.List;

/**
 * Observed state of an {@link Update}.
 *
 * <p>Two writers share it: everything but {@code run} is the operator's, {@code run} belongs to whoever executes the
 * update, each with a field manager of its own.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = ListMap.class, input = "conditions=type")
public record UpdateStatus(
        @JsonPropertyDescription("Queued, Running, Succeeded, Failed, Cancelled, Interrupted or Superseded.")
        Phase phase,

        @JsonPropertyDescription("The generation that this status speaks of.")
        Long observedGeneration,

        @JsonPropertyDescription("Ready, Reconciling, Stalled as for a Stack; Complete or Failed at the end.")
        List<Condition> conditions,

        @JsonPropertyDescription("When it was handed to an executor, RFC 3339.")
        String startedAt,

        @JsonPropertyDescription("When its end was recorded, RFC 3339.")
        String finishedAt,

        @JsonPropertyDescription("Why it did not succeed.") Failure failure,

        @JsonPropertyDescription("What the executor reports.")
        RunStatus run) {

    /** The status of an object that nobody has looked at. */
    public static UpdateStatus empty() {
        return new UpdateStatus(null, null, null, null, null, null, null);
    }

    /** Why an Update did not succeed. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Failure(
            @JsonPropertyDescription("One of the documented reasons.")
            String reason,

            @JsonPropertyDescription("What Pulumi said, without secrets, bounded.")
            String message,

            @JsonPropertyDescription("Whether the operator tries again by itself.")
            Boolean retryable) {}
}
