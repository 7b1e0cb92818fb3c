package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** One environment variable; the shape of core/v1. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!(has(self.value) && has(self.valueFrom))",
        message = "at most one of value and valueFrom may be set")
@ValidationRule(
        value = "!(self.name in ['PULUMI_HOME', 'PULUMI_BACKEND_URL', 'PATH', 'HOME', 'TMPDIR'])"
                + " && !self.name.startsWith('LD_')",
        message = "PULUMI_HOME, PULUMI_BACKEND_URL, PATH, HOME, TMPDIR and LD_* cannot be set: they belong to the"
                + " operator",
        fieldPath = ".name")
@ValidationRule(
        value = "!(self.name in ['PULUMI_CONFIG_PASSPHRASE', 'PULUMI_CONFIG_PASSPHRASE_FILE'])",
        message = "PULUMI_CONFIG_PASSPHRASE and PULUMI_CONFIG_PASSPHRASE_FILE cannot be set; use spec.secretsProvider",
        fieldPath = ".name")
@ValidationRule(
        value = "self.name != 'PULUMI_SKIP_CHECKPOINTS'",
        message = "PULUMI_SKIP_CHECKPOINTS cannot be set: without checkpoints a run that is cut short creates resources"
                + " twice",
        fieldPath = ".name")
public record EnvVar(
        @Required
        @JsonPropertyDescription("Name of the variable. Example: AWS_REGION")
        @Pattern("^[A-Za-z_][A-Za-z0-9_]*$")
        @Size(max = 256)
        String name,

        @JsonPropertyDescription("Literal value. Default: empty. Example: eu-west-1") @Size(max = 131072)
        String value,

        @JsonPropertyDescription("Value from a Secret or a ConfigMap. Example: {\"secretKeyRef\": {\"name\": \"aws\","
                + " \"key\": \"secretKey\"}}")
        ValueFrom valueFrom) {

    /** A Secret's or ConfigMap's key. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "has(self.secretKeyRef) != has(self.configMapKeyRef)",
            message = "exactly one of secretKeyRef and configMapKeyRef must be set")
    public record ValueFrom(
            @JsonPropertyDescription("A Secret's key. Example: {\"name\": \"aws\", \"key\": \"secretKey\"}")
            KeyRef secretKeyRef,

            @JsonPropertyDescription("A ConfigMap's key. Example: {\"name\": \"env\", \"key\": \"region\"}")
            KeyRef configMapKeyRef) {}
}
