package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/** What encrypts secrets in the state. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SecretsProvider(
        @Required @JsonPropertyDescription("A passphrase from a Secret.")
        Passphrase passphrase) {

    /** Where a passphrase is kept. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Passphrase(
            @Required @JsonPropertyDescription("Key of a Secret that holds the passphrase.")
            KeyRef secretKeyRef) {}
}
