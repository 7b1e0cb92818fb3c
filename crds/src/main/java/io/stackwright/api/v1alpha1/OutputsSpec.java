package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.util.Map;

/** How stack outputs are published. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OutputsSpec(
        @JsonPropertyDescription("The Secret that holds the outputs.")
        OutputSecret secret) {

    /** The Secret that holds the outputs. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record OutputSecret(
            @JsonPropertyDescription("Name of the Secret. Default: `<name>-outputs`.")
            @Pattern(LocalRef.NAME_PATTERN)
            @Size(max = 253)
            String name,

            @JsonPropertyDescription(
                    "Outputs to publish and the key of each in the Secret. Default: all, each under its own name."
                            + " Example: {\"url\": \"SHOP_URL\"}")
            Map<String, String> keys,

            @JsonPropertyDescription("Keep the Secret when the Stack is deleted. Default: false.")
            Boolean retain) {}
}
