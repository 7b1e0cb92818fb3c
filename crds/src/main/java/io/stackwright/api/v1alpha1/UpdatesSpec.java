package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;

/** How Pulumi operations are run. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record UpdatesSpec(
        @JsonPropertyDescription("Refresh the state from the cloud before each up. Default: false.")
        Boolean refresh,

        @JsonPropertyDescription("Resource operations at once. Default: Pulumi's own, 4 for each processor.")
        @Min(1)
        @Max(256)
        Integer parallel,

        @JsonPropertyDescription("Go on with other resources after one failed. Default: false.")
        Boolean continueOnError,

        @JsonPropertyDescription("Longest time of one operation, from the start of the CLI. Default: 1h. Example: 20m")
        @Pattern(Durations.PATTERN)
        String timeout,

        @JsonPropertyDescription(
                "How long a cancelled operation may take to finish its running provider calls before it is killed."
                        + " Default: 10m.")
        @Pattern(Durations.PATTERN)
        String grace,

        @JsonPropertyDescription("Backoff after a failure.") Retry retry) {

    /** Exponential, jittered backoff after a failed run. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Retry(
            @JsonPropertyDescription("Delay after the first failure. Default: 10s.") @Pattern(Durations.PATTERN)
            String initial,

            @JsonPropertyDescription("Factor from one delay to the next. Default: 2.") @Min(1) @Max(10)
            Integer factor,

            @JsonPropertyDescription("Longest delay. Default: 10m.") @Pattern(Durations.PATTERN)
            String max) {}
}
