package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;

/** What encrypts secrets in the state. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SecretsProvider(
        @Required
        @JsonPropertyDescription("A passphrase from a Secret. Example: {\"secretKeyRef\": {\"name\": \"shop\", \"key\":"
                + " \"passphrase\"}}")
        Passphrase passphrase) {

    /** Where a passphrase is kept. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.secretKeyRef.optional) || !self.secretKeyRef.optional",
            message = "a passphrase cannot be optional",
            fieldPath = ".secretKeyRef.optional")
    public record Passphrase(
            @Required
            @JsonPropertyDescription("Key of a Secret that holds the passphrase. Example: {\"name\": \"shop\", \"key\":"
                    + " \"passphrase\"}")
            KeyRef secretKeyRef) {}
}
