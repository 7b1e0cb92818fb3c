package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.ValidationRule;

/** How Pulumi operations are run. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.timeout) || duration(self.timeout) >= duration('1s')",
        message = "timeout must be at least 1s",
        fieldPath = ".timeout")
public record UpdatesSpec(
        @JsonPropertyDescription("Whether the state is refreshed from the cloud before each up. Default: false.")
        Boolean refresh,

        @JsonPropertyDescription("How many resource operations run at once, 1 to 256. Default: Pulumi's own, 4 for each"
                + " processor. Example: 16")
        @Min(1)
        @Max(256)
        Integer parallel,

        @JsonPropertyDescription("Whether an up goes on with other resources after one failed. Default: false.")
        Boolean continueOnError,

        @JsonPropertyDescription(
                "Longest time of one operation, from the start of the CLI, as hours, minutes and seconds."
                        + " Default: 1h. Example: 20m")
        @Pattern(Durations.PATTERN)
        String timeout,

        @JsonPropertyDescription(
                "How long a cancelled operation may take to finish its running provider calls before it is killed."
                        + " Default: 10m. Example: 90s")
        @Pattern(Durations.PATTERN)
        String grace,

        @JsonPropertyDescription(
                "When a failed operation is tried again. Default: after 10s, then with twice the delay each time, up to"
                        + " 1h; up to 10m when the network or the backend failed. Example: {\"initial\": \"30s\"}")
        Retry retry,

        @JsonPropertyDescription("What is done before an up or a destroy about resources whose creation was cut short."
                + " Stall: nothing, until an Update with importPendingCreates or clearPendingCreates says whether they"
                + " exist. Clear: they are forgotten; those that exist stay, unmanaged. Default: Stall. Example: Clear")
        OnPendingCreate onPendingCreate) {

    /** Exponential, jittered backoff after a failed run. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.initial) || duration(self.initial) >= duration('1s')",
            message = "initial must be at least 1s",
            fieldPath = ".initial")
    @ValidationRule(
            value = "!has(self.max) || duration(self.max) >= duration(has(self.initial) ? self.initial : '1s')",
            message = "max must be at least 1s, and not less than initial",
            fieldPath = ".max")
    public record Retry(
            @JsonPropertyDescription("Delay after the first failure, at least 1s. Default: 10s. Example: 30s")
            @Pattern(Durations.PATTERN)
            String initial,

            @JsonPropertyDescription("Factor from one delay to the next, 1 to 10. Default: 2. Example: 3")
            @Min(1)
            @Max(10)
            Integer factor,

            @JsonPropertyDescription(
                    "Longest delay, not less than the first. Default: 1h after a failure of the program or a resource,"
                            + " 10m after one of the network or the backend. Example: 30m")
            @Pattern(Durations.PATTERN)
            String max) {}
}
