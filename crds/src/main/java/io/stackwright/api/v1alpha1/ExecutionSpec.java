package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** How the pods are made that run a Stack's operations; for operators that run them as Kubernetes Jobs. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = FreeFormObject.class, input = "podTemplate")
public record ExecutionSpec(
        @JsonPropertyDescription(
                "ServiceAccount of this namespace that the pods run under. Default: default. Example: shop-deployer")
        @Pattern("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")
        String serviceAccountName,

        @JsonPropertyDescription(
                "Image of the pods: any with glibc and the Pulumi CLI. Default: the operator's --job-image. Example:"
                        + " pulumi/pulumi-python:3.250.0")
        @Pattern(ExecutionSpec.IMAGE_PATTERN)
        @Size(max = 512)
        String image,

        @JsonPropertyDescription(
                "What the pods get besides: merged over the pod template that the operator makes, as `kubectl patch`"
                        + " does it; the container is named `pulumi`. What would take the pod out of its bounds is"
                        + " refused, and the message names it. Default: none. Example: {\"spec\": {\"containers\":"
                        + " [{\"name\": \"pulumi\", \"resources\": {\"limits\": {\"memory\": \"4Gi\"}}}]}}")
        JsonNode podTemplate,

        @JsonPropertyDescription(
                "Where pods keep plugins and installed dependencies for the next ones. Default: nothing"
                        + " is kept, but a folder /stackwright-cache of the image is used. Example: {\"claimName\":"
                        + " \"pulumi-cache\"}")
        Cache cache) {

    /** Schema pattern of {@link #image}. */
    public static final String IMAGE_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._:/@-]*$";

    /** A volume that outlives pods and that several may mount at once. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cache(
            @Required
            @JsonPropertyDescription(
                    "PersistentVolumeClaim of this namespace, mounted at /stackwright-cache. Who can write it can put"
                            + " code into each run that uses it. Example:"
                            + " pulumi-cache")
            @Pattern(LocalRef.NAME_PATTERN)
            @Size(max = 253)
            String claimName) {}
}
