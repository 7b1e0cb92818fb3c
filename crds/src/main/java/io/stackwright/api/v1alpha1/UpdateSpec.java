package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** What an {@link Update} is to do; immutable. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.targets) || size(self.targets) == 0 || self.operation != 'Destroy'",
        message = "targets cannot be used with operation Destroy",
        fieldPath = ".targets")
@ValidationRule(
        value = "self.operation == 'Refresh' || !(has(self.clearPendingCreates) || has(self.importPendingCreates))",
        message = "clearPendingCreates and importPendingCreates can be used with operation Refresh only")
@JsonAutoDetect(isGetterVisibility = JsonAutoDetect.Visibility.NONE)
public record UpdateSpec(
        @Required
        @JsonPropertyDescription("Name of the Stack, in the same namespace. Example: shop-prod")
        @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
        @Size(max = 50)
        String stack,

        @Required @JsonPropertyDescription("The Pulumi operation. Example: Preview")
        Operation operation,

        @JsonPropertyDescription("Why it exists. Default: Requested, what people leave it at. Example: SourceChanged")
        Cause cause,

        @JsonPropertyDescription("Revision of the source that the operator decided on; left out by people. Default: the"
                + " newest. Example: main@sha1:3f1c2d4e")
        @Size(max = 1024)
        String revision,

        @JsonPropertyDescription(
                "Fingerprint of the inputs that the operator decided on; left out by people. Default: none. Example:"
                        + " hmac-sha256:9f2c4e5a6b7c8d9e")
        @Size(max = 256)
        String fingerprint,

        @JsonPropertyDescription("URNs to restrict an ad-hoc operation to. A targeted Up never counts as applied."
                + " Default: none, everything. Example:"
                + " [\"urn:pulumi:prod::shop::aws:s3/bucket:Bucket::logs\"]")
        @Size(max = 64)
        List<@Pattern("^urn:pulumi:.+$") @Size(max = 2048) String> targets,

        @JsonPropertyDescription("Whether a Refresh forgets resources whose creation was cut short and which are not"
                + " among importPendingCreates: they do not exist. Default: false.")
        Boolean clearPendingCreates,

        @JsonPropertyDescription("Resources whose creation was cut short and which exist: a Refresh takes them into the"
                + " state. Without clearPendingCreates it has to name all that were cut short; otherwise nothing is"
                + " changed. Default: none. Example: [{urn: \"urn:pulumi:prod::shop::aws:s3/bucket:Bucket::logs\","
                + " id: logs-3f1c2d4e}]")
        @Size(max = 64)
        List<PendingCreateImport> importPendingCreates) {

    /** One that has nothing to do with pending creates. */
    public UpdateSpec(
            String stack, Operation operation, Cause cause, String revision, String fingerprint, List<String> targets) {
        this(stack, operation, cause, revision, fingerprint, targets, null, null);
    }

    /**
     * The spec of an object that could not be deserialised: it says whose it is, and nothing of what is to be done.
     *
     * @param stack null when not even that can be read
     */
    static UpdateSpec unreadable(String stack) {
        return new UpdateSpec(stack, null, null, null, null, null);
    }

    /** Whether this operator can tell what is to be done. */
    public boolean isReadable() {
        return operation != null;
    }

    /** Whether this says what has become of resources whose creation was cut short. */
    public boolean isRemedy() {
        boolean imports = importPendingCreates != null && !importPendingCreates.isEmpty();
        return operation == Operation.Refresh && (Boolean.TRUE.equals(clearPendingCreates) || imports);
    }

    /** Whether only some resources are meant. */
    public boolean isTargeted() {
        return targets != null && !targets.isEmpty();
    }
}
