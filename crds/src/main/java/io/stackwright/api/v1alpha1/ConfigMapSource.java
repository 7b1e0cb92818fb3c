package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A project whose files are the keys of a ConfigMap in the Stack's namespace. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ConfigMapSource(
        @Required
        @JsonPropertyDescription("Name of the ConfigMap. Example: shop-program")
        @Pattern(LocalRef.NAME_PATTERN)
        @Size(max = 253)
        String name) {}
