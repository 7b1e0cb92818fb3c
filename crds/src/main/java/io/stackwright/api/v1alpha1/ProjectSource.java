package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.ValidationRule;

/** Where a Pulumi project comes from; exactly one of {@code inline}, {@code git} and {@code configMap} is set. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "(has(self.inline) ? 1 : 0) + (has(self.git) ? 1 : 0) + (has(self.configMap) ? 1 : 0) == 1",
        message = "exactly one of inline, git and configMap must be set")
@SchemaCustomizer(value = FreeFormObject.class, input = "inline")
public record ProjectSource(
        @JsonPropertyDescription(
                "A Pulumi YAML program: the content of Pulumi.yaml as an object. Example: {\"name\": \"hello\","
                        + " \"runtime\": \"yaml\", \"outputs\": {\"greeting\": \"hi\"}}")
        JsonNode inline,

        @JsonPropertyDescription(
                "A directory of a Git repository. Example: {\"url\": \"https://github.com/acme/infra.git\","
                        + " \"branch\": \"main\", \"path\": \"shop\"}")
        GitSource git,

        @JsonPropertyDescription("A ConfigMap whose keys are file names, one of them Pulumi.yaml. Example: {\"name\":"
                + " \"shop-program\"}")
        ConfigMapSource configMap,

        @JsonPropertyDescription(
                "Whether the program's language dependencies are installed before a run. Default: Auto. Example: Never")
        InstallPolicy install) {}
