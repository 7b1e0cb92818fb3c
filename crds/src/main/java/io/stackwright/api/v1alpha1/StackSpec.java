package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Map;

/** Desired state of a {@link Stack}. Absent fields mean their documented default. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StackSpec(
        @JsonPropertyDescription(
                "The Pulumi stack: `stack` or `org/stack`. Default: metadata.name. Pinned at the first run. Example:"
                        + " acme/prod")
        @Pattern("^([A-Za-z0-9_][A-Za-z0-9_.-]{0,99}/)?[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")
        String stackName,

        @Required
        @JsonPropertyDescription("Where the Pulumi program comes from: exactly one of inline, git and configMap.")
        ProjectSource project,

        @JsonPropertyDescription("Where Pulumi keeps the state. Default: the operator's backend.")
        Backend backend,

        @JsonPropertyDescription(
                "What encrypts secrets in the state. Default on a self-managed backend: a passphrase that the operator"
                        + " generates into the Secret `<name>-passphrase`.")
        SecretsProvider secretsProvider,

        @JsonPropertyDescription(
                "Pulumi configuration; any JSON. A key without a colon gets the project's namespace. Numbers that must"
                        + " be exact beyond 64-bit go in as strings. Example: {\"aws:region\": \"eu-west-1\", \"data\":"
                        + " {\"active\": true}}")
        Map<String, JsonNode> config,

        @JsonPropertyDescription(
                "Configuration values from Secrets (always Pulumi secrets) and ConfigMaps of this namespace.")
        @Size(max = 256)
        List<ConfigFrom> configFrom,

        @JsonPropertyDescription("Environment variables of the Pulumi program and its providers.") @Size(max = 256)
        List<EnvVar> env,

        @JsonPropertyDescription("Secrets and ConfigMaps of which every key becomes an environment variable.")
        @Size(max = 64)
        List<EnvFrom> envFrom,

        @JsonPropertyDescription("Pulumi stack tags. Example: {\"team\": \"shop\"}")
        Map<String, String> tags,

        @JsonPropertyDescription("How stack outputs are published.")
        OutputsSpec outputs,

        @JsonPropertyDescription("How Pulumi operations are run.")
        UpdatesSpec updates,

        @JsonPropertyDescription(
                "What happens to the resources when this object is deleted. Default: Destroy for a stack that the"
                        + " operator created, Retain for one that existed before its first run.")
        DeletionPolicy deletionPolicy,

        @JsonPropertyDescription("Starts no further operation while true. Default: false.")
        Boolean suspend,

        @JsonPropertyDescription("How many finished Updates are kept. Default: 10.") @Min(1) @Max(100)
        Integer historyLimit) {

    /** The spec of an object that could not be deserialised; validation reports it as {@code InvalidSpec}. */
    static StackSpec unreadable() {
        return new StackSpec(null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }
}
