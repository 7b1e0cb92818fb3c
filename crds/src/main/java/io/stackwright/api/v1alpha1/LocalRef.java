package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** An object of the Stack's own namespace, by name. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LocalRef(
        @Required
        @JsonPropertyDescription("Name of the object. Example: git-credentials")
        @Pattern(LocalRef.NAME_PATTERN)
        @Size(max = 253)
        String name) {

    /** A DNS-1123 subdomain, as Kubernetes wants for names of Secrets and ConfigMaps. */
    static final String NAME_PATTERN = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";
}
