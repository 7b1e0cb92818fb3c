package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** One configuration value from a Secret or a ConfigMap. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.secretKeyRef) != has(self.configMapKeyRef)",
        message = "exactly one of secretKeyRef and configMapKeyRef must be set")
public record ConfigFrom(
        @Required
        @JsonPropertyDescription(
                "Configuration key, or a property path like those of `pulumi config set --path`. Example:"
                        + " endpoints[0].token")
        @Size(min = 1, max = 1024)
        String key,

        @JsonPropertyDescription("A Secret's key; the value becomes a Pulumi secret. Example: {\"name\": \"db\","
                + " \"key\": \"password\"}")
        KeyRef secretKeyRef,

        @JsonPropertyDescription(
                "A ConfigMap's key; the value is plain text. Example: {\"name\": \"env\", \"key\":" + " \"tier\"}")
        KeyRef configMapKeyRef) {}
