package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A Kubernetes condition (the shape of meta/v1 Condition). */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
        @Required @JsonPropertyDescription("Ready, Reconciling, Stalled, SourceReady, InputsReady, …") @Size(max = 316)
        String type,

        @Required @JsonPropertyDescription("True, False or Unknown.") @Pattern("^(True|False|Unknown)$")
        String status,

        @JsonPropertyDescription("The generation that this condition speaks of.")
        Long observedGeneration,

        @Required @JsonPropertyDescription("When the status last changed, RFC 3339.")
        String lastTransitionTime,

        @Required @JsonPropertyDescription("One of the documented reasons.") @Size(max = 1024)
        String reason,

        @Required
        @JsonPropertyDescription("What happened, what is tried next and when, what a person can do.")
        @Size(max = 32768)
        String message) {

    public static final String READY = "Ready";
    public static final String RECONCILING = "Reconciling";
    public static final String STALLED = "Stalled";
    public static final String SOURCE_READY = "SourceReady";
    public static final String INPUTS_READY = "InputsReady";
    /** On an Update: it ended well. */
    public static final String COMPLETE = "Complete";
    /** On an Update: it did not end well. */
    public static final String FAILED = "Failed";

    public static final String TRUE = "True";
    public static final String FALSE = "False";

    /** Whether this is the given condition with status True. */
    public boolean isTrue(String wanted) {
        return type.equals(wanted) && TRUE.equals(status);
    }
}
