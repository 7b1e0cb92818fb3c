package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** One key of a Secret or ConfigMap in the Stack's namespace. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonAutoDetect(isGetterVisibility = JsonAutoDetect.Visibility.NONE)
public record KeyRef(
        @Required
        @JsonPropertyDescription("Name of the object. Example: db")
        @Pattern(LocalRef.NAME_PATTERN)
        @Size(max = 253)
        String name,

        @Required
        @JsonPropertyDescription("Key in the object's data. Example: password")
        @Pattern("^[-._a-zA-Z0-9]+$")
        @Size(max = 253)
        String key,

        @JsonPropertyDescription(
                "Whether to go on without the value when the object or the key is absent. Default: false.")
        Boolean optional) {

    /** Whether a missing object or key is acceptable. */
    public boolean isOptional() {
        return Boolean.TRUE.equals(optional);
    }
}
