package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A Pulumi backend. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!self.url.replace('{namespace}', '').contains('{')",
        message = "{namespace} is the only placeholder of url",
        fieldPath = ".url")
public record Backend(
        @Required
        @JsonPropertyDescription(
                "Pulumi backend URL: file, s3, gs, azblob, postgres or https; `{namespace}` stands for the Stack's"
                        + " namespace. Pinned at the first run. Example: s3://state/{namespace}?region=eu-west-1")
        @Pattern("^file:///[^\\s]*$|^(s3|gs|azblob|postgres|https)://[^\\s@/?#]+([/?][^\\s]*)?$")
        @Size(max = 2048)
        String url) {}
