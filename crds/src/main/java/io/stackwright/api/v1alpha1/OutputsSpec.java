package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;

/** How stack outputs are published. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OutputsSpec(
        @JsonPropertyDescription(
                "The Secret that holds the outputs, secret ones too. Default: `<name>-outputs`. Example:"
                        + " {\"name\": \"shop\", \"keys\": {\"url\": \"SHOP_URL\"}}")
        OutputSecret secret) {

    /** The Secret that holds the outputs. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.keys) || self.keys.all(a, !self.keys.exists(b, a != b && self.keys[a] == self.keys[b]))",
            message = "keys must not map two outputs to one key of the Secret",
            fieldPath = ".keys")
    public record OutputSecret(
            @JsonPropertyDescription("Name of the Secret. Default: `<name>-outputs`. Refused are the names that the"
                    + " operator keeps for itself: `<name>-passphrase`, `<name>-encryptionsalt` and those that end in"
                    + " `-run-input` or `-run-result`. Example: shop")
            @Pattern(LocalRef.NAME_PATTERN)
            @Size(max = 253)
            String name,

            @JsonPropertyDescription(
                    "Outputs to publish and the key of each in the Secret. Default: all, each under its own name."
                            + " At most 256. Example: {\"url\": \"SHOP_URL\"}")
            @Size(max = 256)
            Map<String, @Pattern("^[-._a-zA-Z0-9]+$") @Size(max = 253) String> keys,

            @JsonPropertyDescription("Whether the Secret is kept when the Stack is deleted. Default: false.")
            Boolean retain) {}
}
