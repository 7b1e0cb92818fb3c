package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/** Desired state of a {@link Stack}. Absent fields mean their documented default. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = ListMap.class, input = "configFrom=key,env=name")
@ValidationRule(
        value = "!has(self.tags) || self.tags.all(k, size(k) <= 40 && k.matches('^[A-Za-z0-9_.:-]+$'))",
        message = "keys of tags have 1 to 40 letters, digits and characters of _.:-",
        fieldPath = ".tags")
@ValidationRule(
        value = "!has(self.tags) || !self.tags.exists(k, k.startsWith('pulumi:') || k.startsWith('stackwright'))",
        message = "keys of tags that start with pulumi: or stackwright belong to Pulumi and to the operator",
        fieldPath = ".tags")
public record StackSpec(
        @JsonPropertyDescription(
                "The Pulumi stack: `stack` or `org/stack`. Default: metadata.name. Pinned at the first run. Example:"
                        + " acme/prod")
        @Pattern(StackSpec.STACK_NAME_PATTERN)
        String stackName,

        @Required
        @JsonPropertyDescription("Where the Pulumi program comes from: exactly one of inline, git and configMap."
                + " Example: {\"git\": {\"url\": \"https://github.com/acme/infra.git\", \"path\": \"shop\"}}")
        ProjectSource project,

        @JsonPropertyDescription("Where Pulumi keeps the state. Default: the operator's backend. Example: {\"url\":"
                + " \"s3://state/{namespace}\"}")
        Backend backend,

        @JsonPropertyDescription(
                "What encrypts secrets in the state. Default on a self-managed backend: a passphrase that the operator"
                        + " generates into the Secret `<name>-passphrase`. Example: {\"passphrase\": {\"secretKeyRef\":"
                        + " {\"name\": \"shop\", \"key\": \"passphrase\"}}}")
        SecretsProvider secretsProvider,

        @JsonPropertyDescription(
                "Pulumi configuration; any JSON. A key without a colon gets the project's namespace. Numbers that must"
                        + " be exact beyond 64-bit go in as strings. At most 1024 keys. Default: none. Example:"
                        + " {\"aws:region\": \"eu-west-1\", \"data\": {\"active\": true}}")
        @Size(max = 1024)
        Map<String, JsonNode> config,

        @JsonPropertyDescription(
                "Configuration values from Secrets (always Pulumi secrets) and ConfigMaps of this namespace, one entry"
                        + " for each key. Default: none. Example: [{\"key\": \"dbPassword\", \"secretKeyRef\":"
                        + " {\"name\": \"db\", \"key\": \"password\"}}]")
        @Size(max = 256)
        List<ConfigFrom> configFrom,

        @JsonPropertyDescription(
                "Environment variables of the Pulumi program and its providers, one entry for each name;"
                        + " they win over envFrom. Default: none. Example: [{\"name\": \"AWS_REGION\", \"value\":"
                        + " \"eu-west-1\"}]")
        @Size(max = 256)
        List<EnvVar> env,

        @JsonPropertyDescription("Secrets and ConfigMaps of which every key becomes an environment variable. Default:"
                + " none. Example: [{\"secretRef\": {\"name\": \"aws\"}}]")
        @Size(max = 64)
        List<EnvFrom> envFrom,

        @JsonPropertyDescription("Pulumi stack tags, at most 64. Default: none. Example: {\"team\": \"shop\"}")
        @Size(max = 64)
        Map<String, @Size(max = 256) String> tags,

        @JsonPropertyDescription("How stack outputs are published. Default: all of them, in the Secret"
                + " `<name>-outputs`. Example: {\"secret\": {\"name\": \"shop\"}}")
        OutputsSpec outputs,

        @JsonPropertyDescription(
                "How Pulumi operations are run. Default: as each field says. Example: {\"timeout\":" + " \"20m\"}")
        UpdatesSpec updates,

        @JsonPropertyDescription(
                "What happens to the resources when this object is deleted. Default: Destroy for a stack that the"
                        + " operator created, even if for an earlier Stack that retained it, or found empty; Retain"
                        + " for one that had resources before the operator knew it. Example: Retain")
        DeletionPolicy deletionPolicy,

        @JsonPropertyDescription("Starts no further operation while true; a deletion still goes on. Default: false.")
        Boolean suspend,

        @JsonPropertyDescription("How many finished Updates are kept, 1 to 100. Default: 10. Example: 25")
        @Min(1)
        @Max(100)
        Integer historyLimit,

        @JsonPropertyDescription("How the pods are made that run Pulumi; only where the operator runs operations as"
                + " Kubernetes Jobs. A change of it alone starts no operation. Default: as each field says. Example:"
                + " {\"serviceAccountName\": \"shop-deployer\"}")
        ExecutionSpec execution) {

    /** Schema pattern of {@link #stackName}. */
    public static final String STACK_NAME_PATTERN =
            "^([A-Za-z0-9_][A-Za-z0-9_.-]{0,99}/)?[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$";

    /** The spec of an object that could not be deserialised; validation reports it as {@code InvalidSpec}. */
    static StackSpec unreadable() {
        return new StackSpec(null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }
}
