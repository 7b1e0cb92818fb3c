package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Every key of a Secret or ConfigMap as an environment variable; the shape of core/v1. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.secretRef) != has(self.configMapRef)",
        message = "exactly one of secretRef and configMapRef must be set")
public record EnvFrom(
        @JsonPropertyDescription("A Secret. Example: {\"name\": \"aws\"}")
        SourceRef secretRef,

        @JsonPropertyDescription("A ConfigMap. Example: {\"name\": \"env\"}")
        SourceRef configMapRef,

        @JsonPropertyDescription("Put before each name. Default: nothing. Example: DB_")
        @Pattern("^[A-Za-z_][A-Za-z0-9_]*$")
        @Size(max = 256)
        String prefix) {

    /** A whole Secret or ConfigMap. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonAutoDetect(isGetterVisibility = JsonAutoDetect.Visibility.NONE)
    public record SourceRef(
            @Required
            @JsonPropertyDescription("Name of the object. Example: aws")
            @Pattern(LocalRef.NAME_PATTERN)
            @Size(max = 253)
            String name,

            @JsonPropertyDescription("Whether to go on when the object is absent. Default: false.")
            Boolean optional) {

        /** Whether a missing object is acceptable. */
        public boolean isOptional() {
            return Boolean.TRUE.equals(optional);
        }
    }
}
