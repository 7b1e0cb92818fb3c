package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A resource whose creation was cut short, and which exists. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PendingCreateImport(
        @Required
        @JsonPropertyDescription("URN of the resource, from the message of the Stack."
                + " Example: urn:pulumi:prod::shop::aws:s3/bucket:Bucket::logs")
        @Pattern("^urn:pulumi:.+$")
        @Size(max = 2048)
        String urn,

        @Required
        @JsonPropertyDescription("Id that its provider gave it. Example: logs-3f1c2d4e")
        @Size(min = 1, max = 2048)
        String id) {}
